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

LayerNeurons::LayerNeurons(const ImageBlocks& images, const torch::Tensor& theta, const torch::Tensor& v0,
                           bool are_signed)
    : images_(images),
      theta_(theta),
      v0_(v0),
      are_signed_(are_signed),
      membranes_(static_cast<std::size_t>(images.count())),
      sums_(membranes_.size()) {}

void LayerNeurons::integrate(std::int64_t block, const torch::Tensor& current) {
  auto& v = membranes_[static_cast<std::size_t>(block)];
  v = v.defined() ? v.add_(current) : current + neurons::per_channel(v0_, current);
}

torch::Tensor LayerNeurons::would_fire(std::int64_t block, const torch::Tensor& bias) const {
  const auto level = [&](double share) { return (share * theta_.to(torch::kFloat64) - bias).to(torch::kFloat32); };
  const auto i = static_cast<std::size_t>(block);
  const auto& v = membranes_[i];
  const auto spikes = (v >= neurons::per_channel(level(kFires), v)).to(torch::kInt8);
  if (!are_signed_ || !sums_[i].defined()) return spikes;
  return spikes.sub_((v < neurons::per_channel(level(kFires - 1), v)).logical_and_(sums_[i] > 0).to(torch::kInt8));
}

torch::Tensor LayerNeurons::fire(std::int64_t block, const torch::Tensor& bias) {
  const auto i = static_cast<std::size_t>(block);
  auto& v = membranes_[i];
  v.add_(neurons::per_channel(bias.to(torch::kFloat32), v));
  const auto spikes = would_fire(block, torch::zeros({theta_.numel()}, theta_.options().dtype(torch::kFloat64)));
  v.sub_(spikes * neurons::per_channel(theta_, v));
  if (are_signed_) sums_[i] = sums_[i].defined() ? sums_[i].add_(spikes) : spikes.to(torch::kInt16);
  return spikes;
}

}  // namespace neurocuda::conversion::layerwise
