#pragma once

#include <map>

#include "neurocuda/ir/graph.hpp"
#include "neurocuda/network/network.hpp"
#include "neurocuda/neurons/libtorch.hpp"

namespace neurocuda::training {

/// How far the spikes of every layer are from the QCFS network that they stand for, differentiable. With r = theta
/// times the mean of the spikes over time, h the QCFS activation of the same neuron for the same image and lambda its
/// channel's threshold, a layer's error is sum((r - h)^2 / lambda^2) / sum(h^2 / lambda^2), over the batch; layers
/// count alike. Matching a spiking network's layers to those of its teacher: Li et al. 2021 (arXiv 2106.06984), layer
/// by layer; Xu et al. 2023 (arXiv 2304.05627), as part of a loss.
class RateMatching {
 public:
  /// `guide`: the calibrated QCFS graph, with the node ids of the student's.
  RateMatching(const ir::Graph& guide, torch::Device device, const network::ForwardOptions& forward);
  RateMatching(const RateMatching&) = delete;  // the guide reports to this object
  RateMatching& operator=(const RateMatching&) = delete;

  /// Of these images the guide's activations are meant from now on; forgets what was seen.
  void start(const torch::Tensor& images);
  /// The student's output of one activation, averaged over time: theta s, (N, ...).
  void see(ir::NodeId activation, const torch::Tensor& mean);
  /// Mean error of the layers seen, a scalar; undefined when none was.
  torch::Tensor error() const { return layers_ > 0 ? sum_ / layers_ : torch::Tensor(); }

 private:
  network::Network guide_;
  network::ForwardOptions forward_;
  std::map<ir::NodeId, torch::Tensor> activations_;  ///< h / lambda, (N, ...)
  torch::Tensor sum_;
  int layers_ = 0;
};

}  // namespace neurocuda::training
