#pragma once

#include <cstdint>

#include "runtime/gpu/fragments.hpp"
#include "runtime/gpu/spike_layout.hpp"
#include "runtime/gpu/tiling.hpp"

namespace neurocuda::runtime::gpu {

/// The most spikes under one position of a sum pool: their sum must be an int8.
inline constexpr int kMostSummands = 127;

/// A convolution of spikes, or of sums of spikes under a pool, without groups and shifts.
struct TensorCoreGroup {
  const std::uint32_t* spikes = nullptr;
  int height = 1, width = 1, words = 1, stride = 1;  ///< of the spikes
  DeviceWindow window;                               ///< over the spikes, or over the sums
  bool pooled = false;
  DeviceWindow pool;                    ///< of the sums, over the spikes
  int sums_height = 1, sums_width = 1;  ///< extent of the sums
  int patch_words = 0;                  ///< shared memory for the rows of one image that a tile reads, at most

  NEUROCUDA_HD int k_steps() const { return window.taps() * words; }
  NEUROCUDA_HD int summands() const { return pooled ? pool.taps() : 1; }
  /// Positions that one output position reads.
  NEUROCUDA_HD int reads() const { return window.taps() * summands(); }
  /// The position of the spikes that output (y, x) reads as summand `read % summands()` under tap `read / summands()`;
  /// -1 where that is zero padding.
  NEUROCUDA_HD int source_position(int y, int x, int read) const {
    if (!pooled) return window.source_position(y, x, read, height, width);
    const int sum = window.source_position(y, x, read / summands(), sums_height, sums_width);
    if (sum < 0) return -1;
    return pool.source_position(sum / sums_width, sum % sums_width, read % summands(), height, width);
  }
  /// Rows of the spikes of one image that a tile reads: its patch.
  NEUROCUDA_HD RowRange patch_rows(const Tiling& tiling, int tile, int target_width, int target_positions) const {
    if (tiling.tiles_per_image == 1) return {0, height};
    const RowRange targets = target_rows(tiling, tile, target_width, target_positions);
    if (!pooled) return window.source_rows(targets, height);
    return pool.source_rows(window.source_rows(targets, sums_height), height);
  }
};

/// A diagonal group: the bits of the same position and channel.
struct TensorCoreSkip {
  const std::uint32_t* spikes = nullptr;
  int stride = 1;
};

/// The rows of the table of per-channel constants of a block of columns.
enum ColumnConstant : int { kBias, kTheta, kInitial, kFirstSkip };

/// Where the parts of a block's shared memory begin, in words; every part begins on 16 bytes.
///   constants: per column
///   table:     uint16 [read of all groups][row]: where in a patch buffer the position that is read stands
///   patches:   buffers of one timestep each: words of zero for padding, then each group's rows of each image
struct SharedLayout {
  int constants = 0, table = 0, patches = 0, buffer_words = 0, zero_words = 0, total = 0;
};

/// Everything that the fused kernel needs to run a layer.
struct TensorCoreLayer {
  static constexpr int kMaxGroups = 4, kMaxSkips = 2;

  int images = 0;
  int first_timestep = 0;  ///< timesteps before this block
  Tiling tiling;
  SharedLayout at;  ///< shared_layout() of the rest: in the parameters it takes no registers
  int column_blocks = 1;
  TensorCoreGroup groups[kMaxGroups];
  int group_count = 0;
  TensorCoreSkip skips[kMaxSkips];
  int skip_count = 0;
  const std::uint32_t* weights = nullptr;   ///< [column block][k-step of all groups][packed_weight]
  const std::int32_t* constants = nullptr;  ///< [column block][ColumnConstant, skip weights][column]
  const std::int32_t* biases = nullptr;     ///< [column block][timestep][column], of the first bias_timesteps
  int bias_timesteps = 0;                   ///< from then on kBias
  std::uint32_t* out = nullptr;
  std::int32_t* membranes = nullptr;  ///< [image][timestep][channel][position], or null
  std::int32_t* carried = nullptr;    ///< membranes from the block before, to the next: [image][position][channel]
  int channels = 0, positions = 0, width = 1, words = 1, stride = 1, timesteps = 0;
  bool accumulate_then_fire = false;

  NEUROCUDA_HD int k_steps() const {
    int sum = 0;
    for (int g = 0; g < group_count; ++g) sum += groups[g].k_steps();
    return sum;
  }
  NEUROCUDA_HD int reads() const {
    int sum = 0;
    for (int g = 0; g < group_count; ++g) sum += groups[g].reads();
    return sum;
  }
  NEUROCUDA_HD int constant_rows() const { return kFirstSkip + skip_count; }
  NEUROCUDA_HD int blocks() const { return tile_count(tiling, images) * column_blocks; }
};

NEUROCUDA_HD int round_up4(int words) { return (words + 3) / 4 * 4; }

/// What cannot fit anyway, without overflow.
NEUROCUDA_HD int clamped(std::int64_t words) { return static_cast<int>(words < (1 << 30) ? words : 1 << 30); }

/// What a patch buffer holds, and the words of zero at its start.
struct BufferSize {
  std::int64_t words = 0;
  int zero_words = 0;
};

NEUROCUDA_HD BufferSize buffer_size(const TensorCoreLayer& layer) {
  BufferSize size;
  for (int g = 0; g < layer.group_count; ++g) {
    const TensorCoreGroup& group = layer.groups[g];
    if (group.stride > size.zero_words) size.zero_words = round_up4(group.stride);
    size.words += std::int64_t{layer.tiling.images_per_tile} * group.patch_words;
  }
  size.words += size.zero_words;
  return size;
}

/// First the weights of all k-steps, for the block's columns: they stay for the whole run. Two buffers, for timesteps
/// in turn.
NEUROCUDA_HD SharedLayout shared_layout(const TensorCoreLayer& layer) {
  const Tiling& tiling = layer.tiling;
  const BufferSize buffer = buffer_size(layer);
  std::int64_t next = std::int64_t{layer.k_steps()} * weight_words(tiling.columns);
  SharedLayout at;
  at.constants = clamped(next);
  next += round_up4(layer.constant_rows() * tiling.columns);
  at.table = clamped(next);
  next += round_up4(clamped(std::int64_t{layer.reads()} * tiling.rows / 2));
  at.patches = clamped(next);
  at.zero_words = buffer.zero_words;
  at.buffer_words = clamped(buffer.words);
  at.total = clamped(next + 2 * buffer.words);
  return at;
}

}  // namespace neurocuda::runtime::gpu
