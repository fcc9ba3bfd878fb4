#include "neurons/float_span.hpp"

#include "neurons/scalar.hpp"

namespace neurocuda::neurons {

NEUROCUDA_SIMD_CLONES
void widen(const std::uint16_t* __restrict from, float* __restrict to, std::int64_t count) {
  for (std::int64_t i = 0; i < count; ++i) to[i] = from_bfloat16(from[i]);
}

NEUROCUDA_SIMD_CLONES
void narrow(const float* __restrict from, std::uint16_t* __restrict to, std::int64_t count) {
  for (std::int64_t i = 0; i < count; ++i) to[i] = to_bfloat16(from[i]);
}

}  // namespace neurocuda::neurons
