#pragma once

#include "neurocuda/ir/operators.hpp"
#include "neurocuda/neurons/libtorch.hpp"

/// What an operator makes of a tensor (N, C, H, W) or (N, C), whatever N counts.
namespace neurocuda::network {

/// `bias` may be undefined.
torch::Tensor value_of(const ir::Conv2d& conv, const torch::Tensor& x, const torch::Tensor& weight,
                       const torch::Tensor& bias);
torch::Tensor value_of(const ir::AvgPool2d& pool, const torch::Tensor& x);
torch::Tensor value_of(const ir::GlobalAvgPool& pool, const torch::Tensor& x);
torch::Tensor value_of(const ir::MaxPool2d& pool, const torch::Tensor& x);
/// Of spikes theta s, (T N, C, H, W) with time outermost: at every timestep the growth of the largest count under the
/// window, times theta. theta (C,): that of the neurons which fired. Gradients flow to x alone.
torch::Tensor max_pool_of_counts(const ir::MaxPool2d& pool, const torch::Tensor& x, const torch::Tensor& theta,
                                 int timesteps);
/// (C, H, W) order whatever the memory layout.
torch::Tensor value_of(const ir::Flatten& flatten, const torch::Tensor& x);

}  // namespace neurocuda::network
