#pragma once

#include "runtime/cpu/kernels/kernels.hpp"

/// One table per instruction set; those of a processor family that this build is not for are declared only.
namespace neurocuda::runtime::cpu {

const Kernels& portable_kernels();
const Kernels& sse2_kernels();
const Kernels& avx2_kernels();
const Kernels& avx512_kernels();
const Kernels& avx512_vnni_kernels();

}  // namespace neurocuda::runtime::cpu
