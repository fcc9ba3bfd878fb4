#pragma once

/// Functions of the kernels compile for the host too: tests run the same lines without a GPU.
#if defined(__CUDACC__)
#define NEUROCUDA_HD __host__ __device__ __forceinline__
#else
#define NEUROCUDA_HD inline
#endif

/// Before loops whose indices must be constants, so that arrays stay in registers.
#if defined(__CUDA_ARCH__)
#define NEUROCUDA_UNROLL _Pragma("unroll")
#else
#define NEUROCUDA_UNROLL
#endif
