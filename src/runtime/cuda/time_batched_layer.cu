#include "runtime/cuda/device_thread.cuh"
#include "runtime/cuda/launch.hpp"
#include "runtime/gpu/time_batched_layer.hpp"

namespace neurocuda::runtime::cuda {
namespace {

using gpu::TimeBatchedLayer;

/// As of the fused kernel: two blocks of 256 threads per multiprocessor leave 128 registers per thread.
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ < 900
constexpr int kBlocks = 1;
#else
constexpr int kBlocks = 2;
#endif

template <int kColumnTiles>
__global__ void __launch_bounds__(256, kBlocks) time_batched_layer(const __grid_constant__ TimeBatchedLayer layer) {
  gpu::DeviceThread thread;
  gpu::TimeBatchedKernel<kColumnTiles, gpu::DeviceThread>(thread, layer).run();
}

template <int kColumnTiles>
cudaError_t launch(const TimeBatchedLayer& layer, cudaStream_t stream) {
  const auto bytes = static_cast<int>(layer.at.total * sizeof(std::uint32_t));
  const cudaError_t error =
      cudaFuncSetAttribute(time_batched_layer<kColumnTiles>, cudaFuncAttributeMaxDynamicSharedMemorySize, bytes);
  if (error != cudaSuccess) return error;
  time_batched_layer<kColumnTiles><<<layer.blocks(), gpu::kLanes * layer.tiling.warps, bytes, stream>>>(layer);
  return cudaGetLastError();
}

}  // namespace

cudaError_t launch(const TimeBatchedLayer& layer, cudaStream_t stream) {
  switch (layer.tiling.columns) {
    case 64:
      return launch<8>(layer, stream);
    case 32:
      return launch<4>(layer, stream);
    default:
      return launch<2>(layer, stream);
  }
}

}  // namespace neurocuda::runtime::cuda
