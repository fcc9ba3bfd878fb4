#pragma once

#include <cstdint>
#include <cstring>

#include "neurocuda/base/host_device.hpp"

/// Scalars as the kernels of the CPU and of the GPU hold them: float32, or bfloat16 as its 16 bits. Both compile the
/// lines below, so that both round alike.
namespace neurocuda::neurons {

/// min(max(x, low), high), the comparisons in std::max's and std::min's order.
NEUROCUDA_HD float clamped(float x, float low, float high) {
  const float raised = x < low ? low : x;
  return high < raised ? high : raised;
}

/// bfloat16 is the upper half of a float32.
NEUROCUDA_HD float from_bfloat16(std::uint16_t half) {
  const std::uint32_t bits = std::uint32_t{half} << 16U;
  float value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

/// Rounds to nearest, ties to even.
NEUROCUDA_HD std::uint16_t to_bfloat16(float value) {
  std::uint32_t bits;
  memcpy(&bits, &value, sizeof bits);
  const bool is_nan = (bits & 0x7FFFFFFFU) > 0x7F800000U;
  const std::uint32_t rounded = (bits + 0x7FFFU + ((bits >> 16U) & 1U)) >> 16U;
  return static_cast<std::uint16_t>(is_nan ? 0x7FC0U : rounded);
}

NEUROCUDA_HD float load(const float* from) { return *from; }
NEUROCUDA_HD float load(const std::uint16_t* from) { return from_bfloat16(*from); }
NEUROCUDA_HD void store(float value, float* to) { *to = value; }
NEUROCUDA_HD void store(float value, std::uint16_t* to) { *to = to_bfloat16(value); }

}  // namespace neurocuda::neurons
