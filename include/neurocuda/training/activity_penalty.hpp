#pragma once

#include <map>

#include "neurocuda/ir/graph.hpp"
#include "neurocuda/network/network.hpp"
#include "neurocuda/neurons/libtorch.hpp"

namespace neurocuda::training {

/// How many weights one spike of an activation reaches on average, borders included, over all its readers: what makes
/// a spike expensive. Activation -> synaptic operations per spike. For QCFS and IF graphs, batch norms live or folded.
std::map<ir::NodeId, double> synops_per_spike(const ir::Graph& graph);

/// A differentiable measure of the synaptic operations: their number over that of a network in which every neuron fires
/// at every timestep, between 0 and 1. It is fed by ForwardOptions::observe_means during one forward pass.
class ActivityPenalty {
 public:
  explicit ActivityPenalty(network::Network& network);

  void reset() { sum_ = torch::Tensor(); }
  /// The output of one activation: h of QCFS, or theta s of IF neurons, averaged over time; (N, ...).
  void see(ir::NodeId activation, const torch::Tensor& mean);
  /// Scalar; undefined when nothing was seen.
  torch::Tensor density() const { return sum_; }

 private:
  network::Network& network_;
  std::map<ir::NodeId, double> share_;  ///< of all synaptic operations, per mean rate of the activation
  torch::Tensor sum_;
};

}  // namespace neurocuda::training
