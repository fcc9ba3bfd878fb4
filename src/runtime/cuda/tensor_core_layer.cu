#include "runtime/cuda/device_thread.cuh"
#include "runtime/cuda/launch.hpp"
#include "runtime/cuda/launch_fused.cuh"
#include "runtime/gpu/tensor_core_layer.hpp"

namespace neurocuda::runtime::cuda {
namespace {

using gpu::TensorCoreLayer;

template <int kColumnTiles, bool kCarries>
__global__ void __launch_bounds__(256, kCarries ? 1 : kFusedBlocks)
    fused_layer(const __grid_constant__ TensorCoreLayer layer) {
  gpu::DeviceThread thread;
  gpu::FusedLayer<kColumnTiles, kCarries, gpu::DeviceThread>(thread, layer).run();
}

template <int kColumnTiles>
cudaError_t launch(const TensorCoreLayer& layer, cudaStream_t stream) {
  return layer.carried != nullptr ? launch_fused(fused_layer<kColumnTiles, true>, layer, stream)
                                  : launch_fused(fused_layer<kColumnTiles, false>, layer, stream);
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
