#include "runtime/cuda/graph.hpp"

#include "runtime/cuda/check.hpp"
#include "runtime/cuda/launch.hpp"

namespace neurocuda::runtime::cuda {
namespace {

/// The capture ends whether or not a launch fails.
cudaGraph_t capture(const std::vector<gpu::Kernel>& kernels, cudaStream_t stream) {
  check(cudaStreamBeginCapture(stream, cudaStreamCaptureModeThreadLocal), "beginning a capture");
  cudaError_t error = cudaSuccess;
  for (const gpu::Kernel& kernel : kernels) {
    if (error == cudaSuccess) error = launch(kernel, stream);
  }
  cudaGraph_t graph = nullptr;
  const cudaError_t ended = cudaStreamEndCapture(stream, &graph);
  check(error, "capturing a kernel");
  check(ended, "ending a capture");
  return graph;
}

}  // namespace

Graph::Graph(const std::vector<gpu::Kernel>& kernels, cudaStream_t stream) {
  cudaGraph_t graph = capture(kernels, stream);
  const cudaError_t error = cudaGraphInstantiate(&executable_, graph, 0);
  cudaGraphDestroy(graph);
  check(error, "making a graph");
}

Graph::~Graph() {
  if (executable_ != nullptr) cudaGraphExecDestroy(executable_);
}

void Graph::launch(cudaStream_t stream) const { check(cudaGraphLaunch(executable_, stream), "launching a graph"); }

}  // namespace neurocuda::runtime::cuda
