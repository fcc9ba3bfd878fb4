#include "neurons/gpu/launcher.hpp"

#include <c10/core/DeviceGuard.h>
#include <c10/core/impl/VirtualGuardImpl.h>

#include <optional>

#include "neurocuda/base/error.hpp"
#include "neurons/cuda/launch.hpp"

namespace neurocuda::neurons::gpu {
namespace {

/// libtorch's current stream as a cudaStream_t. An older libtorch (2.7 is one) tells the handle only through CUDA's
/// headers, which a CPU build of it lacks; the default stream is null in all.
template <class Stream>
std::optional<void*> native_handle(const Stream& stream) {
  if constexpr (requires { stream.native_handle(); }) {
    return stream.native_handle();
  } else {
    return stream.id() == 0 ? std::optional<void*>(nullptr) : std::nullopt;
  }
}

bool has_kernels(torch::Dtype type) {
  return type == torch::kFloat32 || type == torch::kBFloat16 || type == torch::kInt8;
}

}  // namespace

Launch launch_beside(const torch::Tensor& tensor) {
  if (!tensor.is_cuda() || !has_kernels(tensor.scalar_type())) return {};
  const c10::Device device = tensor.device();
  const c10::DeviceGuard asking(device);
  if (!usable(device.index())) return {};
  const auto stream = native_handle(c10::impl::VirtualGuardImpl(device.type()).getStream(device));
  if (!stream) return {};
  return [device, handle = *stream](const Kernel& kernel) {
    const c10::DeviceGuard guard(device);
    const std::string error = launch(kernel, device.index(), handle);
    if (!error.empty()) fail("{}: launching a neuron kernel failed: {}", device.str(), error);
  };
}

}  // namespace neurocuda::neurons::gpu
