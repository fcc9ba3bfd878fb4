#include "conversion/tuning/rebase_norms.hpp"

#include "conversion/evaluation/channel_moments.hpp"
#include "conversion/evaluation/float_pass.hpp"

namespace neurocuda::conversion {
namespace {

void rebase(NodeTensors& norm, double epsilon, const ChannelMoments& moments) {
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
  std::map<ir::NodeId, ChannelMoments> moments;
  ForwardOptions measuring = forward;
  measuring.training = false;
  measuring.observe_norms = [&](ir::NodeId id, const torch::Tensor& x) { moments[id].add(x); };
  for_each_batch(
      spiking, images, measuring, 64, [](const torch::Tensor&, const torch::Tensor&) {}, silent_progress());
  for (const auto& [id, seen] : moments)
    rebase(spiking.tensors(id), spiking.graph().node(id).as<ir::BatchNorm2d>()->epsilon, seen);
}

}  // namespace neurocuda::conversion
