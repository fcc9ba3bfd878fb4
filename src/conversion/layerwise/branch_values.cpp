#include "conversion/layerwise/branch_values.hpp"

#include <algorithm>

#include "neurocuda/base/error.hpp"
#include "neurocuda/base/overloaded.hpp"
#include "neurocuda/network/operators.hpp"

namespace neurocuda::conversion::layerwise {
namespace {

BranchPath path_of(const ir::Graph& graph, const ir::Branch& branch) {
  BranchPath path{branch, {}, true};
  for (ir::NodeId id = branch.value; id != branch.source; id = graph.node(id).inputs[0]) {
    path.pools.push_back(id);
    path.linear = path.linear && !graph.node(id).as<ir::MaxPool2d>();
  }
  std::reverse(path.pools.begin(), path.pools.end());
  return path;
}

}  // namespace

std::vector<LayerPaths> layer_paths(const ir::Graph& graph) {
  const ir::Wiring wiring(graph);
  std::vector<LayerPaths> layers;
  for (ir::NodeId id = 0; id < graph.size(); ++id) {
    const ir::Node& node = graph.node(id);
    if (!ir::is_activation(node) && !node.as<ir::Output>()) continue;
    LayerPaths layer{id, {}};
    for (const ir::Branch& branch : ir::branches(wiring, id)) layer.branches.push_back(path_of(graph, branch));
    layers.push_back(std::move(layer));
  }
  return layers;
}

torch::Tensor behind_pools(const ir::Graph& graph, const BranchPath& path, torch::Tensor x) {
  for (const ir::NodeId id : path.pools) {
    x = std::visit(Overloaded{[&](const ir::AvgPool2d& pool) { return network::value_of(pool, x); },
                              [&](const ir::GlobalAvgPool& pool) { return network::value_of(pool, x); },
                              [&](const ir::MaxPool2d& pool) { return network::value_of(pool, x); },
                              [&](const ir::Flatten& flatten) { return network::value_of(flatten, x); },
                              [&](const auto&) { return x; }},
                   graph.node(id).op);
  }
  return x;
}

torch::Tensor read_at(const ir::Graph& graph, const BranchPath& path, const SentValues& sent, int t) {
  if (path.linear || sent.is_constant()) return behind_pools(graph, path, sent.at(t));
  const auto now = sent.until(t);
  const auto grown = behind_pools(graph, path, now);
  return t == 0 ? grown : grown - behind_pools(graph, path, now - sent.at(t));
}

torch::Tensor current_of(network::Network& network, const BranchPath& path, const torch::Tensor& read) {
  if (path.branch.diagonal) return read;
  const ir::Node& node = network.graph().node(path.branch.connection);
  const torch::Tensor& weight = network.tensors(path.branch.connection).weight;
  if (const auto* conv = node.as<ir::Conv2d>()) return network::value_of(*conv, read, weight, {});
  return at::linear(read, weight);
}

torch::Tensor bias_of(network::Network& network, const LayerPaths& layer) {
  torch::Tensor sum;
  for (const BranchPath& path : layer.branches) {
    if (path.branch.diagonal) continue;
    const torch::Tensor& bias = network.tensors(path.branch.connection).bias;
    if (bias.defined()) sum = sum.defined() ? sum + bias : bias;
  }
  return sum;
}

}  // namespace neurocuda::conversion::layerwise
