#pragma once

#include <cstdint>

#include "runtime/gpu/fragments.hpp"
#include "runtime/gpu/spike_layout.hpp"
#include "runtime/gpu/tiling.hpp"

namespace neurocuda::runtime::gpu {

/// A convolution of spikes, without groups and shifts.
struct TensorCoreGroup {
  const std::uint32_t* spikes = nullptr;
  int height = 1, width = 1, words = 1, stride = 1;
  DeviceWindow window;
  int patch_words = 0;  ///< shared memory for the rows of one image that a tile reads, at most

  NEUROCUDA_HD int k_steps() const { return window.taps() * words; }
};

/// A diagonal group: the bits of the same position and channel.
struct TensorCoreSkip {
  const std::uint32_t* spikes = nullptr;
  int stride = 1;
};

/// The rows of the table of per-channel constants of a block of columns.
enum ColumnConstant : int { kBias, kTheta, kInitial, kFirstSkip };

/// Where the parts of a block's shared memory begin, in words; every part begins on 16 bytes.
///   weights:   of all k-steps, for the block's columns; they stay for the whole run
///   constants: per column
///   table:     uint16 [tap of all groups][row]: where in a patch buffer the position under the tap stands
///   patches:   two buffers, for timesteps in turn: words of zero for padding, then each group's rows of each image
struct SharedLayout {
  int constants = 0, table = 0, patches = 0, buffer_words = 0, zero_words = 0, total = 0;
};

/// Everything that the tensor-core kernel needs to run a layer.
struct TensorCoreLayer {
  static constexpr int kMaxGroups = 4, kMaxSkips = 2;

  int images = 0;
  Tiling tiling;
  SharedLayout at;  ///< shared_layout() of the rest: in the parameters it takes no registers
  int column_blocks = 1;
  TensorCoreGroup groups[kMaxGroups];
  int group_count = 0;
  TensorCoreSkip skips[kMaxSkips];
  int skip_count = 0;
  const std::uint32_t* weights = nullptr;   ///< [column block][k-step of all groups][packed_weight]
  const std::int32_t* constants = nullptr;  ///< [column block][ColumnConstant, skip weights][column]
  std::uint32_t* out = nullptr;
  std::int32_t* membranes = nullptr;  ///< [image][timestep][channel][position], or null
  int channels = 0, positions = 0, width = 1, words = 1, stride = 1, timesteps = 0;
  bool accumulate_then_fire = false;

  NEUROCUDA_HD int k_steps() const {
    int sum = 0;
    for (int g = 0; g < group_count; ++g) sum += groups[g].k_steps();
    return sum;
  }
  NEUROCUDA_HD int taps() const {
    int sum = 0;
    for (int g = 0; g < group_count; ++g) sum += groups[g].window.taps();
    return sum;
  }
  NEUROCUDA_HD int constant_rows() const { return kFirstSkip + skip_count; }
  NEUROCUDA_HD int blocks() const { return tile_count(tiling, images) * column_blocks; }
};

NEUROCUDA_HD int round_up4(int words) { return (words + 3) / 4 * 4; }

/// What cannot fit anyway, without overflow.
NEUROCUDA_HD int clamped(std::int64_t words) { return static_cast<int>(words < (1 << 30) ? words : 1 << 30); }

NEUROCUDA_HD SharedLayout shared_layout(const TensorCoreLayer& layer) {
  const Tiling& tiling = layer.tiling;
  std::int64_t next = std::int64_t{layer.k_steps()} * weight_words(tiling.columns), buffer = 0;
  SharedLayout at;
  at.constants = clamped(next);
  next += round_up4(layer.constant_rows() * tiling.columns);
  at.table = clamped(next);
  next += round_up4(clamped(std::int64_t{layer.taps()} * tiling.rows / 2));
  at.patches = clamped(next);
  for (int g = 0; g < layer.group_count; ++g) {
    const TensorCoreGroup& group = layer.groups[g];
    if (group.stride > at.zero_words) at.zero_words = round_up4(group.stride);
    buffer += std::int64_t{tiling.images_per_tile} * group.patch_words;
  }
  at.buffer_words = clamped(buffer + at.zero_words);
  at.total = clamped(next + 2 * (buffer + at.zero_words));
  return at;
}

}  // namespace neurocuda::runtime::gpu
