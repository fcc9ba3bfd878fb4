#pragma once

#include <cstdint>
#include <vector>

#include "neurocuda/neurons/libtorch.hpp"

namespace neurocuda::network {

/// Mean and variance of values per channel, over images and positions; sums in float64.
struct ChannelMoments {
  torch::Tensor sum, squares;
  double count = 0;

  /// x: (N, C) or (N, C, H, W)
  void add(const torch::Tensor& x) {
    const auto axes = x.dim() == 4 ? std::vector<std::int64_t>{0, 2, 3} : std::vector<std::int64_t>{0};
    const auto wide = x.to(torch::kFloat32);
    const auto s = wide.sum(axes, false, torch::kFloat64), q = wide.square().sum(axes, false, torch::kFloat64);
    sum = sum.defined() ? sum + s : s;
    squares = squares.defined() ? squares + q : q;
    const std::int64_t values = x.numel() / s.numel();
    count += static_cast<double>(values);
  }
  torch::Tensor mean() const { return sum / count; }
  torch::Tensor variance() const { return (squares / count - mean().square()).clamp_min(0); }
};

}  // namespace neurocuda::network
