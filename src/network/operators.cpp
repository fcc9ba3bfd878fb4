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
  return torch::max_pool2d(x, pair(pool.window.kernel), pair(pool.window.stride), pair(pool.window.padding),
                           pair(pool.window.dilation), pool.window.ceil_mode);
}

torch::Tensor value_of(const ir::Flatten&, const torch::Tensor& x) { return x.flatten(1); }

}  // namespace neurocuda::network
