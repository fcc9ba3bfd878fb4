#include "training/loop/moving_average.hpp"

#include <algorithm>
#include <utility>

#include "neurocuda/base/error.hpp"

namespace neurocuda::training {

MovingAverage::MovingAverage(Tensors tensors, double decay) : tensors_(std::move(tensors)), decay_(decay) {
  if (!(decay > 0 && decay < 1)) fail("a moving average with decay {}: must be above 0 and below 1", decay);
  for (const auto& [name, tensor] : tensors_) averages_[name] = tensor.detach().clone();
}

void MovingAverage::update(std::int64_t step) {
  const torch::NoGradGuard no_grad;
  const auto n = static_cast<double>(step);
  const double decay = std::min(decay_, (n + 1) / (n + 10));
  for (auto& [name, average] : averages_) average.lerp_(tensors_.at(name), 1 - decay);
}

void MovingAverage::swap() {
  const torch::NoGradGuard no_grad;
  for (auto& [name, average] : averages_) {
    torch::Tensor& tensor = tensors_.at(name);
    const auto value = tensor.detach().clone();
    tensor.copy_(average);
    average.copy_(value);
  }
}

}  // namespace neurocuda::training
