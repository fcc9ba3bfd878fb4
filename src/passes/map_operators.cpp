#include "neurocuda/passes/passes.hpp"

namespace neurocuda::passes {

ir::Graph map_operators(const ir::Graph& graph, const Rewriter& rewrite) {
  ir::Graph result;
  result.name = graph.name;
  for (const ir::Node& node : graph.nodes()) result.add(node.name, rewrite(node), node.inputs);
  return result;
}

}  // namespace neurocuda::passes
