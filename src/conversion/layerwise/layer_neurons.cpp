#include "conversion/layerwise/layer_neurons.hpp"

#include "neurocuda/neurons/channel_kernel.hpp"

namespace neurocuda::conversion::layerwise {
torch::Tensor sum_by_channel(const torch::Tensor& x) {
  const auto axes = x.dim() == 4 ? std::vector<std::int64_t>{0, 2, 3} : std::vector<std::int64_t>{0};
  return x.sum(axes, false, torch::kFloat64);
}

torch::Tensor bias_towards(const torch::Tensor& wanted,
                           const std::function<torch::Tensor(const torch::Tensor&)>& mean_with) {
  auto bias = torch::zeros_like(wanted);
  for (int round = 0; round < kBiasRounds; ++round) bias = bias - kBiasStep * (mean_with(bias) - wanted);
  return bias;
}

LayerNeurons::LayerNeurons(const ImageBlocks& images, const torch::Tensor& theta, const torch::Tensor& v0)
    : images_(images), theta_(theta), v0_(v0), membranes_(static_cast<std::size_t>(images.count())) {}

void LayerNeurons::integrate(std::int64_t block, const torch::Tensor& current) {
  auto& v = membranes_[static_cast<std::size_t>(block)];
  v = v.defined() ? v.add_(current) : current + neurons::per_channel(v0_, current);
}

torch::Tensor LayerNeurons::would_fire(std::int64_t block, const torch::Tensor& bias) const {
  const auto level = (kFires * theta_.to(torch::kFloat64) - bias).to(torch::kFloat32);
  const auto& v = membranes_[static_cast<std::size_t>(block)];
  return v >= neurons::per_channel(level, v);
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
