#include "runtime/cuda/launch.hpp"

namespace neurocuda::runtime::cuda {
namespace {

constexpr int kThreads = 256;
constexpr std::int64_t kMaxBlocks = 1 << 20;

template <class Kernel>
__global__ void __launch_bounds__(kThreads) each(const __grid_constant__ Kernel kernel) {
  const std::int64_t count = kernel.count(), step = std::int64_t{gridDim.x} * kThreads;
  for (std::int64_t i = std::int64_t{blockIdx.x} * kThreads + threadIdx.x; i < count; i += step) kernel(i);
}

template <class Kernel>
cudaError_t launch_each(const Kernel& kernel, cudaStream_t stream) {
  const std::int64_t blocks = (kernel.count() + kThreads - 1) / kThreads;
  if (blocks == 0) return cudaSuccess;
  each<Kernel><<<static_cast<unsigned>(blocks < kMaxBlocks ? blocks : kMaxBlocks), kThreads, 0, stream>>>(kernel);
  return cudaGetLastError();
}

struct Launcher {
  cudaStream_t stream;
  cudaError_t operator()(const gpu::TensorCoreLayer& layer) const { return launch(layer, stream); }
  cudaError_t operator()(const gpu::TimeBatchedLayer& layer) const { return launch(layer, stream); }
  template <class Kernel>
  cudaError_t operator()(const Kernel& kernel) const {
    return launch_each(kernel, stream);
  }
};

}  // namespace

cudaError_t launch(const gpu::Kernel& kernel, cudaStream_t stream) { return std::visit(Launcher{stream}, kernel); }

}  // namespace neurocuda::runtime::cuda
