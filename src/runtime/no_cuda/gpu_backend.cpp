#include "runtime/absent_backend.hpp"
#include "runtime/backend_list.hpp"

namespace neurocuda::runtime {

const Backend& gpu_backend() {
  static const AbsentBackend absent(
      "gpu", "NVIDIA GPU (CUDA)",
      "this build has no CUDA code; configure with -DNEUROCUDA_CUDA=ON on a machine with nvcc (CUDA "
      "toolkit) and run on one with an NVIDIA driver, or use the target cpu");
  return absent;
}

}  // namespace neurocuda::runtime
