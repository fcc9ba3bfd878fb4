#include "neurons/cpu/time_blocks.hpp"

#include "neurons/simd_clones.hpp"

namespace neurocuda::neurons::cpu {

NEUROCUDA_SIMD_CLONES
void add_to(float* __restrict sum, const float* __restrict x, std::int64_t count) {
  for (std::int64_t i = 0; i < count; ++i) sum[i] += x[i];
}

NEUROCUDA_SIMD_CLONES
void scale(float* __restrict x, float factor, std::int64_t count) {
  for (std::int64_t i = 0; i < count; ++i) x[i] *= factor;
}

}  // namespace neurocuda::neurons::cpu
