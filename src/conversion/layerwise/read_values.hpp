#pragma once

#include <optional>
#include <vector>

#include "neurocuda/ir/graph.hpp"
#include "neurocuda/neurons/libtorch.hpp"

namespace neurocuda::conversion::layerwise {

/// What the layers behind read of a layer: its values, or those behind a max pool that all of them read. Its mean is
/// what biases make right: the largest under a window comes too early or too late in another way than the rest.
class ReadValues {
 public:
  /// `shapes` are those of the graph's nodes.
  ReadValues(const ir::Graph& graph, ir::NodeId layer, const std::vector<Shape>& shapes);

  /// Of activations or counts, (n, C, ...).
  torch::Tensor of(const torch::Tensor& values) const;
  /// Of the spikes of a timestep, (n, C, ...), with the counts before it, which are undefined at the first.
  torch::Tensor growth(const torch::Tensor& counts, const torch::Tensor& spikes) const;
  /// Values of a channel and an image.
  double positions() const { return positions_; }

 private:
  std::optional<ir::MaxPool2d> pool_;
  double positions_ = 1;
};

}  // namespace neurocuda::conversion::layerwise
