#pragma once

#include <cstdint>
#include <vector>

#include "neurons/channel_blocks.hpp"

namespace neurocuda::neurons::cpu {

inline constexpr std::int64_t kBlocksPerTask = 4;

/// T slices of equal size, one after the other in memory.
struct TimeSlices {
  std::int64_t channels, elements;  ///< of one slice
  int timesteps;
  bool constant;  ///< one current for all timesteps
};

using Floats = std::vector<float>;

inline Floats block_of_floats(const ChannelBlocks& blocks) {
  return Floats(static_cast<std::size_t>(blocks.longest()));
}

/// sum[i] += x[i]
void add_to(float* __restrict sum, const float* __restrict x, std::int64_t count);
/// x[i] *= factor
void scale(float* __restrict x, float factor, std::int64_t count);

}  // namespace neurocuda::neurons::cpu
