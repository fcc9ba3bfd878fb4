#include "passes/rewire.hpp"

#include <utility>

namespace neurocuda::passes {

ir::Graph rewire(const ir::Graph& graph, const Replace& replace) {
  ir::Graph made;
  made.name = graph.name;
  std::vector<ir::NodeId> new_ids;
  for (ir::NodeId id = 0; id < graph.size(); ++id) {
    const ir::Node& node = graph.node(id);
    std::vector<ir::NodeId> inputs;
    for (const ir::NodeId input : node.inputs) inputs.push_back(new_ids[input]);
    const std::optional<ir::NodeId> replacement = replace(id, made, inputs);
    new_ids.push_back(replacement ? *replacement : made.add(node.name, node.op, std::move(inputs)));
  }
  return made;
}

}  // namespace neurocuda::passes
