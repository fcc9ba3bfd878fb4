#include <cuda_runtime_api.h>

#include "neurons/cuda/launch.hpp"

namespace neurocuda::neurons::gpu {
namespace {

constexpr int kThreads = 256;
constexpr std::int64_t kMaxBlocks = 1 << 20;

template <class Kernel>
__global__ void __launch_bounds__(kThreads) each_neuron(const __grid_constant__ Kernel kernel) {
  const std::int64_t count = kernel.count(), step = std::int64_t{gridDim.x} * kThreads;
  for (std::int64_t i = std::int64_t{blockIdx.x} * kThreads + threadIdx.x; i < count; i += step) kernel(i);
}

struct Launcher {
  cudaStream_t stream;
  template <class Kernel>
  cudaError_t operator()(const Kernel& kernel) const {
    const std::int64_t blocks = (kernel.count() + kThreads - 1) / kThreads;
    if (blocks == 0) return cudaSuccess;
    each_neuron<Kernel>
        <<<static_cast<unsigned>(blocks < kMaxBlocks ? blocks : kMaxBlocks), kThreads, 0, stream>>>(kernel);
    return cudaGetLastError();
  }
};

std::string described(cudaError_t error) {
  if (error == cudaSuccess) return {};
  cudaGetLastError();  // an error that is not sticky must not be seen again by the next call
  return std::string(cudaGetErrorString(error)) + " (" + cudaGetErrorName(error) + ")";
}

}  // namespace

std::string obstacle(int device) {
  cudaError_t error = cudaSetDevice(device);
  cudaFuncAttributes attributes;
  if (error == cudaSuccess) error = cudaFuncGetAttributes(&attributes, each_neuron<SumRows>);
  return described(error);
}

std::string launch(const Kernel& kernel, int device, void* stream) {
  cudaError_t error = cudaSetDevice(device);
  if (error == cudaSuccess) error = std::visit(Launcher{static_cast<cudaStream_t>(stream)}, kernel);
  return described(error);
}

}  // namespace neurocuda::neurons::gpu
