#pragma once

#include <cstdint>

#include "runtime/cpu/dense_kernels.hpp"

/// The inner loops of the cpu target, one table of them for every instruction set. The tables' sources are compiled
/// with flags of their own, so only plain data crosses this border: a shared inline function or template instantiated
/// there could be picked by the linker for everybody, and crash a machine without those instructions.
///
/// Layout: channel-last. A plane of neurons is [position][padded] int32, where `padded` is the number of channels
/// rounded up to kChannelBlock; spikes are [position][words] 64-bit words, channel c at bit c % 64 of word c / 64.
/// Loops run over whole blocks: every buffer has kSlack elements behind its end.
namespace neurocuda::runtime::cpu {

inline constexpr std::int64_t kChannelBlock = 16;
inline constexpr std::int64_t kSlack = 64;

/// A window sliding over a source plane; a linear map is one window that covers it.
struct Geometry {
  std::int64_t in_height, in_width, out_height, out_width;
  std::int64_t kernel_height, kernel_width, stride_height, stride_width;
  std::int64_t padding_height, padding_width, dilation_height, dilation_width;
};

/// What the positions of a source send at one timestep. Position p has entries offsets[p] .. offsets[p + 1]: `rows`
/// says which weight row (in bytes from the kernel tap's first), `amounts` how often (not for spikes).
struct Events {
  const std::uint32_t* rows;
  const std::int32_t* amounts;
  const std::uint32_t* offsets;
};

/// Weights [tap][input channel][padded output channel] int8 that read `events` into `target` [position][target_stride].
struct Synapses {
  Geometry geometry;
  const std::int8_t* weights;
  std::int64_t tap_bytes;  ///< input channels x padded
  std::int64_t padded;     ///< output channels, a multiple of kChannelBlock
  std::int64_t flush;      ///< so many rows may be added in int16
  Events events;
  std::uint32_t* gathered;  ///< scratch for all rows that meet at one output position
  std::int32_t* target;
  std::int64_t target_stride;
};

/// Spikes of the channels [first, first + count) of a source.
struct SpikeSource {
  const std::uint64_t* bits;
  std::int64_t positions, words, first, count;
};

/// One layer's neurons at one timestep.
struct Neurons {
  std::int32_t* membrane;     ///< [position][padded]
  const std::int32_t* drive;  ///< bias and constant current: [position][padded], or one row for all (drive_stride 0)
  std::int64_t drive_stride;
  const std::int32_t* theta;  ///< (padded,)
  std::int64_t positions, padded;
  std::uint64_t* bits;  ///< [position][words]
  std::int64_t words;
  // Of signed neurons:
  std::int32_t* sum = nullptr;        ///< of their spikes so far, [position][padded]
  std::uint64_t* negative = nullptr;  ///< spikes of -1 as `bits` are those of 1
};

struct Kernels {
  /// Lists the spikes of every position as channel x row_bytes, in order. `offsets` has positions + 1 entries.
  void (*list_spikes)(const SpikeSource& source, std::uint32_t row_bytes, std::uint32_t* rows, std::uint32_t* offsets);
  /// The number of bits set.
  std::int64_t (*count_spikes)(const std::uint64_t* bits, std::int64_t words);
  /// Adds to every output position the weight rows of the spikes under its window.
  void (*add_spikes)(const Synapses& synapses);
  /// The same for spikes of -1: takes the weight rows away.
  void (*subtract_spikes)(const Synapses& synapses);
  /// The same with a factor for every row.
  void (*add_amounts)(const Synapses& synapses);
  /// target[p][c] += weight[c] where channel c spiked at position p.
  void (*add_diagonal)(const SpikeSource& source, const std::int32_t* weight, std::int32_t* target,
                       std::int64_t padded);
  /// target += current << shift, channel by channel, and clears current.
  void (*add_shifted)(std::int32_t* current, const std::int32_t* shift, std::int32_t* target, std::int64_t positions,
                      std::int64_t padded);
  /// v += drive.
  void (*integrate)(const Neurons& neurons);
  /// v += drive; s = v >= theta; v -= theta s.
  void (*fire)(const Neurons& neurons);
  /// The same of signed neurons: s = -1 where v < 0 and the sum is positive; sum += s.
  void (*fire_signed)(const Neurons& neurons);
  DenseKernels dense;
};

}  // namespace neurocuda::runtime::cpu
