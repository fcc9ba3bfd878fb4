#pragma once

#include <cstdint>

#include "runtime/cpu/kernels/costs.hpp"
#include "runtime/cpu/kernels/dense_kernels.hpp"
#include "runtime/cpu/kernels/neurons.hpp"
#include "runtime/cpu/kernels/window_kernels.hpp"

/// The inner loops of the cpu target, one table of them for every instruction set. The tables' sources are compiled
/// with flags of their own, so only plain data crosses this border: a shared inline function or template instantiated
/// there could be picked by the linker for everybody, and crash a machine without those instructions.
///
/// Layout: channel-last. A plane of neurons is [position][padded] int32, where `padded` is the number of channels
/// rounded up to kChannelBlock; spikes are [position][words] 64-bit words, channel c at bit c % 64 of word c / 64.
/// Loops run over whole blocks: every buffer has kSlack elements behind its end. What works on a part of a layer gets
/// pointers to that part, and the stride of the whole.
namespace neurocuda::runtime::cpu {

inline constexpr std::int64_t kChannelBlock = 16;
inline constexpr std::int64_t kSlack = 64;

/// A window sliding over a source plane; a linear map is one window that covers it.
struct Geometry {
  std::int64_t in_height, in_width, out_height, out_width;
  std::int64_t kernel_height, kernel_width, stride_height, stride_width;
  std::int64_t padding_height, padding_width, dilation_height, dilation_width;
};

/// The spikes of a source at one timestep: position p has the channels channels[offsets[p]] .. channels[offsets[p +
/// 1]], in order, counted from the first that the synapses read.
struct SpikeList {
  const std::uint16_t* channels;
  const std::uint32_t* offsets;
};

/// The integers of a source that are not zero, in the same way; `amounts` beside the channels.
struct AmountList {
  const std::uint16_t* channels;
  const std::int32_t* amounts;
  const std::uint32_t* offsets;
};

/// Rows of outputs of a convolution with weights [tap][input channel][padded output channel] int8.
struct Synapses {
  Geometry geometry;
  const std::int8_t* weights;
  std::int64_t tap_bytes;  ///< input channels x padded
  std::int64_t padded;     ///< output channels, a multiple of kChannelBlock
  std::int64_t flush;      ///< so many rows may be added in int16
  std::int64_t first_row, rows;
  std::uint32_t* gathered;  ///< scratch for all weight rows that meet at one output position
  std::int32_t* target;     ///< of the first row: [position][target_stride]
  std::int64_t target_stride;
};

/// Spikes of the channels [first, first + count) of a source.
struct SpikeSource {
  const std::uint64_t* bits;
  std::int64_t height, width, words, first, count;
};

/// int32 values of a part of a layer, [position][stride], over so many channels.
struct Values {
  std::int32_t* at;
  std::int64_t positions, stride, channels;
};

struct Kernels {
  /// Lists the spikes of every position. `offsets` has positions + 1 entries, counted from `channels`.
  void (*list_spikes)(const SpikeSource& source, std::uint16_t* channels, std::uint32_t* offsets);
  /// The same as a ColumnList; returns ColumnList::most.
  std::int64_t (*list_columns)(const SpikeSource& source, std::uint16_t* rows, std::uint32_t* offsets);
  /// The number of bits set.
  std::int64_t (*count_spikes)(const std::uint64_t* bits, std::int64_t words);
  /// Adds to every output position the weight rows of the spikes under its window.
  void (*add_spikes)(const Synapses& synapses, const SpikeList& spikes);
  /// The same for spikes of -1: takes the weight rows away.
  void (*subtract_spikes)(const Synapses& synapses, const SpikeList& spikes);
  /// The same with a factor for every row.
  void (*add_amounts)(const Synapses& synapses, const AmountList& amounts);
  /// target[p][c] += weight[c] where bit c of the words of position p is set.
  void (*add_diagonal)(const std::uint64_t* bits, std::int64_t words, const std::int32_t* weight, const Values& target);
  /// target += current << shift, channel by channel, and clears current, which is laid out as the target.
  void (*add_shifted)(std::int32_t* current, const std::int32_t* shift, const Values& target);
  /// v += drive.
  void (*integrate)(const Neurons& neurons);
  /// v += drive; s = v >= theta; v -= theta s.
  void (*fire)(const Neurons& neurons);
  /// The same of signed neurons: s = -1 where v < 0 and the sum is positive; sum += s.
  void (*fire_signed)(const Neurons& neurons);
  DenseKernels dense;
  WindowKernels windows;
  Costs costs;
};

}  // namespace neurocuda::runtime::cpu
