#pragma once

#include <cuda_runtime_api.h>

#include "runtime/gpu/kernel.hpp"

namespace neurocuda::runtime::cuda {

/// Enqueues a kernel; nothing when there is nothing to do.
cudaError_t launch(const gpu::Kernel& kernel, cudaStream_t stream);
cudaError_t launch(const gpu::TensorCoreLayer& layer, cudaStream_t stream);
cudaError_t launch(const gpu::TimeBatchedLayer& layer, cudaStream_t stream);

}  // namespace neurocuda::runtime::cuda
