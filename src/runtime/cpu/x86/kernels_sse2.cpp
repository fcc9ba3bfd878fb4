// SSE2, a part of x86-64.
#define NEUROCUDA_LANES 8
#include "runtime/cpu/kernels/kernel_tables.hpp"
#include "runtime/cpu/kernels/kernels_impl.hpp"

namespace neurocuda::runtime::cpu {

const Kernels& sse2_kernels() { return kKernels; }

}  // namespace neurocuda::runtime::cpu
