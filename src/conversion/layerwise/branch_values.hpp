#pragma once

#include <vector>

#include "conversion/layerwise/sent_values.hpp"
#include "neurocuda/ir/branches.hpp"
#include "neurocuda/network/network.hpp"

/// The linear part of a layer, evaluated from the values of its sources: no other node has to be kept.
namespace neurocuda::conversion::layerwise {

struct BranchPath {
  ir::Branch branch;
  std::vector<ir::NodeId> pools;  ///< between source and connection, in order: pools and Flatten
  bool linear = true;             ///< no max pool among them
};

struct LayerPaths {
  ir::NodeId node = 0;  ///< the activation, or the Output
  std::vector<BranchPath> branches;
};

/// All layers of a folded graph, in order.
std::vector<LayerPaths> layer_paths(const ir::Graph& graph);

/// What the connection of a branch reads, (N, ...), from what its source sends, (N, C, ...).
torch::Tensor behind_pools(const ir::Graph& graph, const BranchPath& path, torch::Tensor x);

/// What the connection of a branch reads at timestep t. A max pool is that of the counts up to t less that of those
/// before.
torch::Tensor read_at(const ir::Graph& graph, const BranchPath& path, const SentValues& sent, int t);

/// The current that a branch brings, without its bias, from what its connection reads. `network` has the graph's nodes.
torch::Tensor current_of(network::Network& network, const BranchPath& path, const torch::Tensor& read);

/// The sum of the biases of a layer's connections, (C,); undefined where none has one.
torch::Tensor bias_of(network::Network& network, const LayerPaths& layer);

}  // namespace neurocuda::conversion::layerwise
