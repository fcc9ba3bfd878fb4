#include "conversion/fine_tuning/rebase_norms.hpp"

#include "neurocuda/network/channel_moments.hpp"
#include "neurocuda/network/float_pass.hpp"

namespace neurocuda::conversion {
namespace {

void rebase(network::NodeTensors& norm, double epsilon, const network::ChannelMoments& moments) {
  const auto mean = moments.mean(), variance = moments.variance();
  const auto slope = norm.gamma.to(torch::kFloat64) / (norm.variance.to(torch::kFloat64) + epsilon).sqrt();
  norm.beta.copy_(norm.beta + slope * (mean - norm.mean));
  norm.gamma.copy_(slope * (variance + epsilon).sqrt());
  norm.mean.copy_(mean);
  norm.variance.copy_(variance);
}

}  // namespace

void rebase_norms(network::Network& spiking, const data::Dataset& images, const network::ForwardOptions& forward) {
  const torch::NoGradGuard no_grad;
  std::map<ir::NodeId, network::ChannelMoments> moments;
  network::ForwardOptions measuring = forward;
  measuring.training = false;
  measuring.observe_norms = [&](ir::NodeId id, const torch::Tensor& x) { moments[id].add(x); };
  network::for_each_batch(
      spiking, images, measuring, 64, [](const torch::Tensor&, const torch::Tensor&) {}, silent_progress());
  for (const auto& [id, seen] : moments)
    rebase(spiking.tensors(id), spiking.graph().node(id).as<ir::BatchNorm2d>()->epsilon, seen);
}

}  // namespace neurocuda::conversion
