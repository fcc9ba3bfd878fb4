#pragma once

#include <cuda_runtime.h>

#include <cstdint>

#include "runtime/gpu/tensor_core_args.hpp"

namespace neurocuda::runtime::cuda {

/// Two blocks of 256 threads per multiprocessor leave 128 registers per thread: enough on sm_90 for a run of one block
/// of timesteps, where the compiler would spill on sm_80.
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ < 900
constexpr int kFusedBlocks = 1;
#else
constexpr int kFusedBlocks = 2;
#endif

/// Of a fused kernel, which takes its layer and all of its shared memory.
template <class Layer>
cudaError_t launch_fused(void (*kernel)(Layer), const Layer& layer, cudaStream_t stream) {
  const auto bytes = static_cast<int>(layer.at.total * sizeof(std::uint32_t));
  const cudaError_t error = cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, bytes);
  if (error != cudaSuccess) return error;
  kernel<<<layer.blocks(), gpu::kLanes * layer.tiling.warps, bytes, stream>>>(layer);
  return cudaGetLastError();
}

}  // namespace neurocuda::runtime::cuda
