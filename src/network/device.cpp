#include "neurocuda/network/device.hpp"

#include "neurocuda/base/error.hpp"
#include "neurocuda/base/threads.hpp"

namespace neurocuda::network {

namespace {

torch::Device named(const std::string& name) {
  try {
    return torch::Device(name);
  } catch (const c10::Error&) {
    throw SettingError("device", name, "unknown; use cpu, cuda or cuda:N");
  }
}

}  // namespace

torch::Device prepare_device(const ComputeOptions& options) {
  const int threads = resolve_threads(options.threads);
  if (torch::get_num_threads() != threads) torch::set_num_threads(threads);
  if (options.device == "cpu") return torch::kCPU;
  if (options.device.rfind("cuda", 0) != 0)
    throw SettingError("device", options.device, "unknown; use cpu, cuda or cuda:N");
  if (!torch::cuda::is_available()) {
    fail<BackendUnavailable>(
        "device {}: this libtorch finds no CUDA device; install a CUDA build of torch and an NVIDIA driver, or use cpu",
        options.device);
  }
  const torch::Device device = named(options.device);
  if (device.index() >= static_cast<int>(torch::cuda::device_count())) {
    fail<BackendUnavailable>("device {}: there are {} CUDA devices; the first is cuda:0", options.device,
                             torch::cuda::device_count());
  }
  return device;
}

torch::Tensor to_device(const Tensor<float>& images, torch::Device device) {
  auto batch = torch::from_blob(const_cast<float*>(images.data()), images.shape(), torch::kFloat32);
  if (batch.dim() == 4) return batch.to(device, torch::kFloat32, false, true, torch::MemoryFormat::ChannelsLast);
  return batch.to(device, torch::kFloat32, false, true);
}

torch::Tensor labels_to_device(const std::vector<std::int64_t>& labels, torch::Device device) {
  return torch::tensor(labels, torch::kInt64).to(device);
}

torch::Tensor to_torch(const Tensor<float>& tensor, torch::Device device) {
  return torch::from_blob(const_cast<float*>(tensor.data()), tensor.shape(), torch::kFloat32).clone().to(device);
}

Tensor<float> from_torch(const torch::Tensor& tensor) {
  const auto host = tensor.detach().to(torch::kCPU, torch::kFloat32).contiguous();
  const auto* values = host.data_ptr<float>();
  return {host.sizes().vec(), std::vector<float>(values, values + host.numel())};
}

}  // namespace neurocuda::network
