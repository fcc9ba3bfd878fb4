#pragma once

#include <cuda_runtime_api.h>

#include <vector>

#include "runtime/gpu/device.hpp"

namespace neurocuda::runtime::cuda {

/// Kernels captured as a CUDA graph.
class Graph : public gpu::Device::Sequence {
 public:
  Graph(const std::vector<gpu::Kernel>& kernels, cudaStream_t stream);
  ~Graph() override;
  Graph(const Graph&) = delete;
  Graph& operator=(const Graph&) = delete;

  void launch(cudaStream_t stream) const;

 private:
  cudaGraphExec_t executable_ = nullptr;
};

}  // namespace neurocuda::runtime::cuda
