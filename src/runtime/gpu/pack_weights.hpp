#pragma once

#include <cstdint>
#include <vector>

namespace neurocuda::runtime::gpu {

/// Weights of one convolution: (O, inputs, taps).
struct PackSource {
  const std::int8_t* weight = nullptr;
  int inputs = 0, taps = 0;
};

/// The weights in the order of the fused kernel: [block of columns][group, tap, 32 inputs][packed_weight]. What has no
/// weight, inputs and channels beyond the last, is zero.
std::vector<std::uint32_t> pack_weights(const std::vector<PackSource>& groups, int channels, int columns);

}  // namespace neurocuda::runtime::gpu
