#include "conversion/layerwise/layer_neurons.hpp"

#include "neurocuda/neurons/channel_kernel.hpp"

namespace neurocuda::conversion::layerwise {
torch::Tensor sum_by_channel(const torch::Tensor& x) {
  const auto axes = x.dim() == 4 ? std::vector<std::int64_t>{0, 2, 3} : std::vector<std::int64_t>{0};
  return x.sum(axes, false, torch::kFloat64);
}

double values_by_channel(std::span<const torch::Tensor> blocks) {
  std::int64_t values = 0;
  for (const torch::Tensor& block : blocks) values += block.numel() / block.size(1);
  return static_cast<double>(values);
}

LayerNeurons::LayerNeurons(const ImageBlocks& images, const torch::Tensor& theta, const torch::Tensor& v0)
    : images_(images), theta_(theta), v0_(v0), membranes_(static_cast<std::size_t>(images.count())) {}

void LayerNeurons::integrate(std::int64_t block, const torch::Tensor& current) {
  auto& v = membranes_[static_cast<std::size_t>(block)];
  v = v.defined() ? v.add_(current) : current + neurons::per_channel(v0_, current);
}

torch::Tensor LayerNeurons::bias_for(const torch::Tensor& wanted) const {
  const auto theta = theta_.to(torch::kFloat64);
  const auto blocks = static_cast<std::int64_t>(membranes_.size());
  const double values = values_by_channel(membranes_);
  auto bias = torch::zeros_like(wanted);
  for (int round = 0; round < kBiasRounds; ++round) {
    const auto level = (kFires * theta - bias).to(torch::kFloat32);
    const auto fired = images_.sum(blocks, [&](std::int64_t block) {
      const auto& v = membranes_[static_cast<std::size_t>(block)];
      return sum_by_channel(v >= neurons::per_channel(level, v));
    });
    bias = bias - kBiasStep * (theta * fired / values - wanted);
  }
  return bias;
}

torch::Tensor LayerNeurons::fire(std::int64_t block, const torch::Tensor& bias) {
  auto& v = membranes_[static_cast<std::size_t>(block)];
  v.add_(neurons::per_channel(bias.to(torch::kFloat32), v));
  const auto level = (kFires * theta_.to(torch::kFloat64)).to(torch::kFloat32);
  const auto spikes = v >= neurons::per_channel(level, v);
  v.sub_(spikes * neurons::per_channel(theta_, v));
  return spikes;
}

}  // namespace neurocuda::conversion::layerwise
