#include <algorithm>

#include "neurocuda/base/error.hpp"
#include "neurocuda/ir/branches.hpp"
#include "neurocuda/ir/contains.hpp"
#include "neurocuda/passes/passes.hpp"
#include "passes/batch_norm_site.hpp"
#include "passes/layer_form.hpp"
#include "passes/only_used.hpp"
#include "passes/paths/path_walk.hpp"

namespace neurocuda::passes {
namespace {

bool folds(const ir::Graph& graph) {
  const auto consumers = graph.consumers();
  for (ir::NodeId id = 0; id < graph.size(); ++id) {
    if (graph.node(id).as<ir::BatchNorm2d>() && !find_batch_norm_site(graph, consumers, id).possible()) return false;
  }
  return true;
}

/// Judges the layers as they will be after folding: batch norms are gone.
bool has_branches(const ir::Graph& graph) {
  const ir::Graph folded = without_batch_norms(graph);
  const ir::Wiring wiring(folded);
  try {
    for (ir::NodeId id = 0; id < folded.size(); ++id) {
      if (is_activation(folded.node(id)) || folded.node(id).as<ir::Output>()) branches(wiring, id);
    }
  } catch (const ir::BranchRefusal&) {
    return false;
  }
  return true;
}

/// Whether nothing can make this channel of a layer fire.
bool is_silent(const ir::Graph& graph, const std::vector<ir::Branch>& branches, std::int64_t channel) {
  double bias = 0;
  const auto has_weights = [&](const auto& layer) {
    const std::int64_t row = layer.weight.size() / layer.weight.extent(0);
    const float* first = layer.weight.data() + channel * row;
    if (layer.bias) bias += (*layer.bias)[channel];
    return std::any_of(first, first + row, [](float weight) { return weight != 0; });
  };
  for (const ir::Branch& branch : branches) {
    if (branch.diagonal) return false;
    const ir::Node& node = graph.node(branch.connection);
    const auto* conv = node.as<ir::Conv2d>();
    if (conv != nullptr ? has_weights(*conv) : has_weights(*node.as<ir::Linear>())) return false;
  }
  return bias <= 0;
}

/// Of a graph in layers.
bool has_silent_channels(const ir::Graph& graph) {
  const ir::Graph folded = fold_batch_norm(graph);
  const ir::Wiring wiring(folded);
  for (ir::NodeId id = 0; id < folded.size(); ++id) {
    if (!folded.node(id).as<ir::ReLU>()) continue;
    const std::vector<ir::Branch> into = branches(wiring, id);
    for (std::int64_t c = 0; c < wiring.shape(id)[0]; ++c) {
      if (is_silent(folded, into, c)) return true;
    }
  }
  return false;
}

}  // namespace

ir::Graph without_batch_norms(const ir::Graph& graph) {
  return map_operators(graph, [](const ir::Node& node) -> ir::Operator {
    return node.as<ir::BatchNorm2d>() ? ir::Identity{} : node.op;
  });
}

bool in_layer_form(const ir::Graph& graph) {
  return !ir::contains<ir::Concat>(graph) && !ir::contains<ir::Slice>(graph) && folds(graph) && has_branches(graph);
}

ir::Graph make_layers(const ir::Graph& given) {
  ir::Graph graph = only_used(given);
  const bool ready = in_layer_form(graph);
  if (ready && !has_silent_channels(graph)) return graph;
  paths::PathWalk walk(graph, {});
  ir::Graph made = walk.run();
  return ready && walk.left_out() == 0 ? graph : made;
}

}  // namespace neurocuda::passes
