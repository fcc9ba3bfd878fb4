#include "runtime/cuda/device_thread.cuh"
#include "runtime/cuda/launch.hpp"
#include "runtime/gpu/tensor_core_layer.hpp"

namespace neurocuda::runtime::cuda {
namespace {

using gpu::TensorCoreLayer;

/// Two blocks of 256 threads per multiprocessor leave 128 registers per thread: enough on sm_90 for a run of one block
/// of timesteps, where the compiler would spill on sm_80.
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ < 900
constexpr int kBlocks = 1;
#else
constexpr int kBlocks = 2;
#endif

template <int kColumnTiles, bool kCarries>
__global__ void __launch_bounds__(256, kCarries ? 1 : kBlocks)
    fused_layer(const __grid_constant__ TensorCoreLayer layer) {
  gpu::DeviceThread thread;
  gpu::FusedLayer<kColumnTiles, kCarries, gpu::DeviceThread>(thread, layer).run();
}

template <int kColumnTiles, bool kCarries>
cudaError_t launch(const TensorCoreLayer& layer, cudaStream_t stream) {
  const auto bytes = static_cast<int>(layer.at.total * sizeof(std::uint32_t));
  const cudaError_t error =
      cudaFuncSetAttribute(fused_layer<kColumnTiles, kCarries>, cudaFuncAttributeMaxDynamicSharedMemorySize, bytes);
  if (error != cudaSuccess) return error;
  fused_layer<kColumnTiles, kCarries><<<layer.blocks(), gpu::kLanes * layer.tiling.warps, bytes, stream>>>(layer);
  return cudaGetLastError();
}

template <int kColumnTiles>
cudaError_t launch(const TensorCoreLayer& layer, cudaStream_t stream) {
  return layer.carried != nullptr ? launch<kColumnTiles, true>(layer, stream)
                                  : launch<kColumnTiles, false>(layer, stream);
}

}  // namespace

cudaError_t launch(const TensorCoreLayer& layer, cudaStream_t stream) {
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
