#include "neurocuda/base/error.hpp"
#include "neurocuda/ir/branches.hpp"
#include "neurocuda/ir/contains.hpp"
#include "neurocuda/passes/passes.hpp"
#include "passes/batch_norm_site.hpp"
#include "passes/layer_form.hpp"
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
  const ir::Graph folded = map_operators(graph, [](const ir::Node& node) -> ir::Operator {
    return node.as<ir::BatchNorm2d>() ? ir::Identity{} : node.op;
  });
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

}  // namespace

bool in_layer_form(const ir::Graph& graph) {
  return !ir::contains<ir::Concat>(graph) && !ir::contains<ir::Slice>(graph) && folds(graph) && has_branches(graph);
}

ir::Graph make_layers(const ir::Graph& graph) {
  if (in_layer_form(graph)) return graph;
  return paths::PathWalk(graph, {}).run();
}

}  // namespace neurocuda::passes
