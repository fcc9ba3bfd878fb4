// AVX-512 F, BW, DQ and VL.
#define NEUROCUDA_LANES 32
#include "runtime/cpu/kernels/kernel_tables.hpp"
#include "runtime/cpu/kernels/kernels_impl.hpp"

namespace neurocuda::runtime::cpu {

const Kernels& avx512_kernels() { return kKernels; }

}  // namespace neurocuda::runtime::cpu
