// The instruction set that the compiler targets by default (SSE2 on x86-64).
#define NEUROCUDA_LANES 8
#include "runtime/cpu/kernels/kernel_tables.hpp"
#include "runtime/cpu/kernels/kernels_impl.hpp"

namespace neurocuda::runtime::cpu {

const Kernels& baseline_kernels() { return kKernels; }

}  // namespace neurocuda::runtime::cpu
