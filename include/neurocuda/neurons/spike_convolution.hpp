#pragma once

#include "neurocuda/base/shape.hpp"
#include "neurocuda/neurons/fire_through_time.hpp"
#include "neurocuda/neurons/libtorch.hpp"

namespace neurocuda::neurons {

/// Convolution of spikes that keeps no copy of its input for the gradient: backward rebuilds it from the codes, which
/// the neurons keep in any case, and their thresholds. spikes.output (N, C, H, W) = theta where a code says fired, else
/// 0. In bfloat16 when asked for, the result too.
torch::Tensor spike_convolution(const Firing& spikes, const torch::Tensor& theta, const torch::Tensor& weight,
                                const torch::Tensor& bias, const Window& window, std::int64_t groups, bool bf16);

/// Average pool that keeps only the shape of its input for the gradient.
torch::Tensor light_avg_pool(const torch::Tensor& x, const Window& window);

}  // namespace neurocuda::neurons
