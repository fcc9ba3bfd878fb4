#include "conversion/network/float_span.hpp"

namespace neurocuda::conversion {

NEUROCUDA_SIMD_CLONES
void widen(const std::uint16_t* __restrict from, float* __restrict to, std::int64_t count) {
  for (std::int64_t i = 0; i < count; ++i) to[i] = std::bit_cast<float>(static_cast<std::uint32_t>(from[i]) << 16U);
}

NEUROCUDA_SIMD_CLONES
void narrow(const float* __restrict from, std::uint16_t* __restrict to, std::int64_t count) {
  for (std::int64_t i = 0; i < count; ++i) {
    const auto bits = std::bit_cast<std::uint32_t>(from[i]);
    const bool is_nan = (bits & 0x7FFFFFFFU) > 0x7F800000U;
    const std::uint32_t rounded = (bits + 0x7FFFU + ((bits >> 16U) & 1U)) >> 16U;
    to[i] = static_cast<std::uint16_t>(is_nan ? 0x7FC0U : rounded);
  }
}

}  // namespace neurocuda::conversion
