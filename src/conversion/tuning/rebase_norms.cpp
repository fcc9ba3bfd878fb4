#include "conversion/tuning/rebase_norms.hpp"

#include "conversion/evaluation/float_pass.hpp"

namespace neurocuda::conversion {
namespace {

/// Sums per channel in float64.
struct Moments {
  torch::Tensor sum, squares;
  double count = 0;

  void add(const torch::Tensor& x) {
    const auto axes = x.dim() == 4 ? std::vector<std::int64_t>{0, 2, 3} : std::vector<std::int64_t>{0};
    const auto wide = x.to(torch::kFloat32);
    const auto s = wide.sum(axes, false, torch::kFloat64), q = wide.square().sum(axes, false, torch::kFloat64);
    sum = sum.defined() ? sum + s : s;
    squares = squares.defined() ? squares + q : q;
    count += static_cast<double>(x.numel() / s.numel());
  }
  torch::Tensor mean() const { return sum / count; }
  torch::Tensor variance() const { return (squares / count - mean().square()).clamp_min(0); }
};

void rebase(NodeTensors& norm, double epsilon, const Moments& moments) {
  const auto mean = moments.mean(), variance = moments.variance();
  const auto slope = norm.gamma.to(torch::kFloat64) / (norm.variance.to(torch::kFloat64) + epsilon).sqrt();
  norm.beta.copy_(norm.beta + slope * (mean - norm.mean));
  norm.gamma.copy_(slope * (variance + epsilon).sqrt());
  norm.mean.copy_(mean);
  norm.variance.copy_(variance);
}

}  // namespace

void rebase_norms(Network& spiking, const data::Dataset& images, const ForwardOptions& forward) {
  const torch::NoGradGuard no_grad;
  std::map<ir::NodeId, Moments> moments;
  ForwardOptions measuring = forward;
  measuring.training = false;
  measuring.observe_norms = [&](ir::NodeId id, const torch::Tensor& x) { moments[id].add(x); };
  for_each_batch(
      spiking, images, measuring, 64, [](const torch::Tensor&, const torch::Tensor&) {}, silent_progress());
  for (const auto& [id, seen] : moments)
    rebase(spiking.tensors(id), spiking.graph().node(id).as<ir::BatchNorm2d>()->epsilon, seen);
}

}  // namespace neurocuda::conversion
