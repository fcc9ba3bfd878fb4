// AVX2, BMI, POPCNT.
#define NEUROCUDA_LANES 16
#include "runtime/cpu/kernel_tables.hpp"
#include "runtime/cpu/kernels_impl.hpp"

namespace neurocuda::runtime::cpu {

const Kernels& avx2_kernels() { return kKernels; }

}  // namespace neurocuda::runtime::cpu
