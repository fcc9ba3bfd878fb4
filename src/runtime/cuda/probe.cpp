#include "runtime/cuda/probe.hpp"

#include <cuda_runtime_api.h>

#include "runtime/gpu/obstacle.hpp"

namespace neurocuda::runtime::cuda {

std::string obstacle(int index) {
  gpu::Findings found;
  found.wanted = index;
  found.runtime = CUDART_VERSION;
  if (cudaDriverGetVersion(&found.driver) != cudaSuccess) found.driver = 0;
  const cudaError_t error = cudaGetDeviceCount(&found.devices);
  if (error != cudaSuccess) {
    cudaGetLastError();
    found.devices = 0;
    if (error != cudaErrorNoDevice) found.error = cudaGetErrorString(error);
  }
  if (index >= 0 && index < found.devices) {
    cudaDeviceGetAttribute(&found.major, cudaDevAttrComputeCapabilityMajor, index);
    cudaDeviceGetAttribute(&found.minor, cudaDevAttrComputeCapabilityMinor, index);
  }
  return gpu::describe_obstacle(found);
}

}  // namespace neurocuda::runtime::cuda
