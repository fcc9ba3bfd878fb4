#include "runtime/backend_list.hpp"
#include "runtime/cuda/cuda_device.hpp"
#include "runtime/cuda/probe.hpp"
#include "runtime/gpu/gpu_executable.hpp"

namespace neurocuda::runtime {
namespace {

class GpuBackend : public Backend {
 public:
  std::string_view target() const override { return "gpu"; }
  std::string description() const override { return "NVIDIA GPU (CUDA): int8 tensor cores, sm_80 and newer"; }
  bool available() const override { return cuda::obstacle(0).empty(); }
  std::string remedy() const override {
    const std::string obstacle = cuda::obstacle(0);
    return obstacle.empty() ? obstacle : "this build has CUDA code, but " + obstacle;
  }
  std::unique_ptr<Executable> compile(const program::Program& program, const CompileOptions& options) const override {
    const std::string obstacle = cuda::obstacle(options.device);
    if (!obstacle.empty()) fail<BackendUnavailable>("target 'gpu' is not available: {}", message(options, obstacle));
    return std::make_unique<gpu::GpuExecutable>(program, std::make_unique<cuda::CudaDevice>(options.device));
  }

 private:
  /// Of device 0 in the words of remedy().
  std::string message(const CompileOptions& options, const std::string& obstacle) const {
    return options.device == 0 ? remedy() : obstacle;
  }
};

}  // namespace

const Backend& gpu_backend() {
  static const GpuBackend backend;
  return backend;
}

}  // namespace neurocuda::runtime
