#include "neurocuda/training/rate_matching.hpp"

#include "neurocuda/base/error.hpp"
#include "neurocuda/neurons/channel_kernel.hpp"

namespace neurocuda::training {
namespace {

// A layer that is silent for a whole batch has no scale of its own: its spikes then count by this mean square.
constexpr double kSmallestPower = 1e-6;

}  // namespace

RateMatching::RateMatching(const ir::Graph& guide, torch::Device device, const network::ForwardOptions& forward)
    : guide_(guide, device), forward_(forward) {
  if (guide_.spiking()) throw InternalError("spikes are matched to a QCFS graph");
  forward_.training = false;
  forward_.observe = [this](ir::NodeId id, const torch::Tensor& h) {
    activations_[id] =
        h.to(torch::kFloat32) / neurons::per_channel(network::to_positive(guide_.tensors(id).lambda_raw), h);
  };
}

void RateMatching::start(const torch::Tensor& images) {
  const torch::NoGradGuard no_grad;
  sum_ = torch::Tensor();
  layers_ = 0;
  guide_.forward(images, forward_);
}

void RateMatching::see(ir::NodeId activation, const torch::Tensor& mean) {
  const auto found = activations_.find(activation);
  if (found == activations_.end()) return;
  const torch::Tensor h = std::move(found->second);
  activations_.erase(found);
  const auto lambda = neurons::per_channel(network::to_positive(guide_.tensors(activation).lambda_raw), h);
  const auto error = (mean / lambda - h).square().mean() / h.square().mean().clamp_min(kSmallestPower);
  sum_ = sum_.defined() ? sum_ + error : error;
  ++layers_;
}

}  // namespace neurocuda::training
