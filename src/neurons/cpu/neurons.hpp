#pragma once

#include "neurocuda/neurons/fire_through_time.hpp"
#include "neurocuda/neurons/libtorch.hpp"

/// The neurons of training on the CPU: all timesteps of a block of neurons at a time, the membranes in the cache.
/// Tensors have the channel innermost (channel_kernel.hpp); theta, v0: (C,) in float32.
namespace neurocuda::neurons::cpu {

/// As fire_through_time.
Firing fire(const torch::Tensor& current, bool constant, const torch::Tensor& theta, const torch::Tensor& v0,
            int timesteps, bool with_mean);
/// `g`: gradient of the output; `mean`: of its mean over time, (N, C, ...) in float32, or undefined.
FiringGradients fire_backward(const torch::Tensor& g, const torch::Tensor& mean, const torch::Tensor& codes,
                              std::int64_t channels, int timesteps, bool constant);
torch::Tensor spikes_of(const torch::Tensor& codes, const torch::Tensor& theta, torch::Dtype dtype);

}  // namespace neurocuda::neurons::cpu
