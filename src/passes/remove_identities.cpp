#include "neurocuda/passes/passes.hpp"
#include "passes/rewire.hpp"

namespace neurocuda::passes {

ir::Graph remove_identities(const ir::Graph& graph) {
  return rewire(graph, [&](ir::NodeId id, ir::Graph&, const std::vector<ir::NodeId>& inputs) {
    const ir::Node& node = graph.node(id);
    const bool nothing_to_do = node.as<ir::Identity>() || node.as<ir::Dropout>();
    return nothing_to_do ? std::optional(inputs[0]) : std::nullopt;
  });
}

}  // namespace neurocuda::passes
