#pragma once

#include <cuda_runtime_api.h>

#include "neurocuda/base/error.hpp"

namespace neurocuda::runtime::cuda {

/// Throws UserError, in one line, when a CUDA call failed. `doing` completes "gpu: ... failed".
inline void check(cudaError_t error, const char* doing) {
  if (error == cudaSuccess) return;
  cudaGetLastError();  // an error that is not sticky must not be seen again by the next check
  fail("gpu: {} failed: {} ({})", doing, cudaGetErrorString(error), cudaGetErrorName(error));
}

}  // namespace neurocuda::runtime::cuda
