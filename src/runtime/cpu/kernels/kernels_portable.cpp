// Without intrinsics: what the compiler makes of its own vectors, for every processor. On x86-64 it is there to be
// tested, and __SSE2__ is undefined for it.
#define NEUROCUDA_LANES 8
#include "runtime/cpu/kernels/kernel_tables.hpp"
#include "runtime/cpu/kernels/kernels_impl.hpp"

namespace neurocuda::runtime::cpu {

const Kernels& portable_kernels() { return kKernels; }

}  // namespace neurocuda::runtime::cpu
