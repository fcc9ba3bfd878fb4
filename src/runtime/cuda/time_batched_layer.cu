#include "runtime/cuda/device_thread.cuh"
#include "runtime/cuda/launch.hpp"
#include "runtime/cuda/launch_fused.cuh"
#include "runtime/gpu/time_batched_layer.hpp"

namespace neurocuda::runtime::cuda {
namespace {

using gpu::TimeBatchedLayer;

template <int kColumnTiles>
__global__ void __launch_bounds__(256, kFusedBlocks)
    time_batched_layer(const __grid_constant__ TimeBatchedLayer layer) {
  gpu::DeviceThread thread;
  gpu::TimeBatchedKernel<kColumnTiles, gpu::DeviceThread>(thread, layer).run();
}

}  // namespace

cudaError_t launch(const TimeBatchedLayer& layer, cudaStream_t stream) {
  switch (layer.tiling.columns) {
    case 64:
      return launch_fused(time_batched_layer<8>, layer, stream);
    case 32:
      return launch_fused(time_batched_layer<4>, layer, stream);
    default:
      return launch_fused(time_batched_layer<2>, layer, stream);
  }
}

}  // namespace neurocuda::runtime::cuda
