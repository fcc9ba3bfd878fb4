#pragma once

#include "neurocuda/base/tensor.hpp"
#include "neurocuda/network/compute.hpp"
#include "neurocuda/neurons/libtorch.hpp"

namespace neurocuda::network {

/// Sets libtorch's thread count and resolves the device. Throws BackendUnavailable when this libtorch has no CUDA,
/// SettingError on other names.
torch::Device prepare_device(const ComputeOptions& options);

/// A (N, C, H, W) float batch as a tensor on the device, channels last.
torch::Tensor to_device(const Tensor<float>& images, torch::Device device);
torch::Tensor labels_to_device(const std::vector<std::int64_t>& labels, torch::Device device);

/// Parameters between ir and libtorch.
torch::Tensor to_torch(const Tensor<float>& tensor, torch::Device device);
Tensor<float> from_torch(const torch::Tensor& tensor);

}  // namespace neurocuda::network
