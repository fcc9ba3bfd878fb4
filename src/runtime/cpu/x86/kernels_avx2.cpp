// AVX2, BMI, POPCNT.
#define NEUROCUDA_LANES 16
#include "runtime/cpu/kernels/kernel_tables.hpp"
#include "runtime/cpu/kernels/kernels_impl.hpp"

namespace neurocuda::runtime::cpu {

const Kernels& avx2_kernels() { return kKernels; }

}  // namespace neurocuda::runtime::cpu
