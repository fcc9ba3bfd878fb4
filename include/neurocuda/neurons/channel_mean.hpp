#pragma once

#include "neurocuda/neurons/libtorch.hpp"

namespace neurocuda::neurons {

/// The mean of every channel over images and positions, (N, C, ...) in float32 or bfloat16 -> (C,) in float32,
/// differentiable. The gradient comes back as a tensor of its own: libtorch's is broadcast from C values, and adding
/// that to the gradient of what else reads x runs through a loop of C elements at a time.
torch::Tensor channel_mean(const torch::Tensor& x);

}  // namespace neurocuda::neurons
