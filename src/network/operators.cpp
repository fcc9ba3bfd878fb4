#include "neurocuda/network/operators.hpp"

#include <ATen/ATen.h>

namespace neurocuda::network {
namespace {

std::vector<std::int64_t> pair(const Size2& size) { return {size.height, size.width}; }

}  // namespace

torch::Tensor value_of(const ir::Conv2d& conv, const torch::Tensor& x, const torch::Tensor& weight,
                       const torch::Tensor& bias) {
  return at::conv2d(x, weight, bias, pair(conv.window.stride), pair(conv.window.padding), pair(conv.window.dilation),
                    conv.groups);
}

torch::Tensor value_of(const ir::AvgPool2d& pool, const torch::Tensor& x) {
  return torch::avg_pool2d(x, pair(pool.window.kernel), pair(pool.window.stride), pair(pool.window.padding));
}

torch::Tensor value_of(const ir::GlobalAvgPool&, const torch::Tensor& x) {
  return x.mean(torch::IntArrayRef{2, 3}, true);
}

torch::Tensor value_of(const ir::MaxPool2d& pool, const torch::Tensor& x) {
  if (!pool.takes_minimum.empty()) {
    std::vector<float> signs;
    for (const std::uint8_t least : pool.takes_minimum) signs.push_back(least != 0 ? -1.0F : 1.0F);
    const auto sign = torch::tensor(signs, x.options().requires_grad(false)).view({1, -1, 1, 1});
    return value_of(ir::MaxPool2d{pool.window}, x * sign) * sign;
  }
  return torch::max_pool2d(x, pair(pool.window.kernel), pair(pool.window.stride), pair(pool.window.padding),
                           pair(pool.window.dilation), pool.window.ceil_mode);
}

torch::Tensor max_pool_of_counts(const ir::MaxPool2d& pool, const torch::Tensor& x, const torch::Tensor& theta,
                                 int timesteps) {
  const auto unit = theta.detach().to(torch::kFloat32).view({1, -1, 1, 1});
  const auto counts = (x.to(torch::kFloat32) / unit).unflatten(0, {timesteps, -1}).cumsum(0);
  const auto largest = value_of(pool, counts.flatten(0, 1)).unflatten(0, {timesteps, -1});
  const auto before = at::cat({torch::zeros_like(largest.narrow(0, 0, 1)), largest.narrow(0, 0, timesteps - 1)});
  return ((largest - before).flatten(0, 1) * unit).to(x.scalar_type());
}

torch::Tensor value_of(const ir::Flatten&, const torch::Tensor& x) { return x.flatten(1); }

}  // namespace neurocuda::network
