#pragma once

#include "neurocuda/neurons/libtorch.hpp"

namespace neurocuda::neurons {

/// Memory in which the channel is the innermost axis: (N, C) as it is, (N, C, H, W) channels last. Elementwise CPU
/// kernels with one parameter per channel then run along contiguous channels.
inline torch::Tensor channels_innermost(const torch::Tensor& x) {
  return x.dim() == 4 ? x.contiguous(torch::MemoryFormat::ChannelsLast) : x.contiguous();
}

/// A (C,) parameter shaped so that it broadcasts over x: (1, C, 1, 1) or (1, C).
inline torch::Tensor per_channel(const torch::Tensor& parameter, const torch::Tensor& x) {
  return x.dim() == 4 ? parameter.view({1, -1, 1, 1}) : parameter.view({1, -1});
}

/// Sum over everything but the channel axis: (C,).
inline torch::Tensor sum_to_channels(const torch::Tensor& x) {
  return x.dim() == 4 ? x.sum(torch::IntArrayRef{0, 2, 3}) : x.sum(0);
}

}  // namespace neurocuda::neurons
