#pragma once

#include <cstdint>

/// Dense kernels of the cpu target: every weight of a layer meets what its source sent in a whole run, so that the work
/// does not depend on the number of timesteps. Only plain data crosses this border, see kernels.hpp.
///
/// Counts of spikes are [position][padded channels] bytes, at most kLargestCount: two of them times a weight fit int16.
namespace neurocuda::runtime::cpu {

inline constexpr std::int64_t kLargestCount = 127;
inline constexpr std::int64_t kInputBlock = 4;  ///< inputs whose products are summed by one instruction

/// Weights [block of kChannelBlock outputs][tap][inputs / 4][output][4] int8 over a plane that has its padding around
/// it.
struct DenseSynapses {
  const std::uint8_t* plane;       ///< [row][column][inputs]
  const std::int64_t* taps;        ///< bytes from the first to every tap of a window
  std::int64_t tap_count, inputs;  ///< a multiple of kInputBlock
  std::int64_t out_width, positions;
  std::int64_t row_step, column_step;  ///< bytes from one window to the next
  const std::int8_t* weights;
  std::int64_t padded;   ///< outputs, a multiple of kChannelBlock
  std::int32_t* target;  ///< [position][target_stride]: the sums are added
  std::int64_t target_stride;
};

/// Neurons whose inputs are all there.
struct CountNeurons {
  const std::int32_t* integral;  ///< [position][padded]: v0 and all that arrives
  const std::int32_t* theta;     ///< (padded,)
  const float* rate;             ///< (padded,): 1 / theta
  std::int64_t positions, padded;
  std::int32_t timesteps;
  std::uint8_t* counts;  ///< [position][padded]: clip(floor(integral / theta), 0, T)
};

struct DenseKernels {
  /// Of counts up to largest_byte.
  void (*add_counts)(const DenseSynapses& synapses);
  std::int64_t largest_byte;
  /// Bits [position][words] as bytes 0 and 1, [position][inputs]; writes up to 63 zeros behind the last.
  void (*spread_bits)(const std::uint64_t* bits, std::int64_t words, std::int64_t positions, std::int64_t inputs,
                      std::uint8_t* bytes);
  void (*fire_counts)(const CountNeurons& neurons);
  /// target += amounts x weight, channel by channel; target [position][padded], weight (padded,).
  void (*add_scaled)(const std::uint8_t* amounts, const std::int32_t* weight, std::int32_t* target,
                     std::int64_t positions, std::int64_t padded);
};

}  // namespace neurocuda::runtime::cpu
