#include "passes/only_used.hpp"

#include <utility>
#include <vector>

namespace neurocuda::passes {

ir::Graph only_used(const ir::Graph& graph) {
  std::vector<bool> used(graph.size());
  bool complete = false;
  for (ir::NodeId id = graph.size(); id-- > 0;) {  // readers stand after what they read
    const ir::Node& node = graph.node(id);
    complete = complete || node.as<ir::Output>();
    if (node.as<ir::Output>() || node.as<ir::Input>()) used[id] = true;
    for (const ir::NodeId input : node.inputs) used[input] = used[input] || used[id];
  }
  if (!complete) return graph;
  ir::Graph result;
  result.name = graph.name;
  std::vector<ir::NodeId> ids(graph.size());
  for (ir::NodeId id = 0; id < graph.size(); ++id) {
    if (!used[id]) continue;
    ir::Node node = graph.node(id);
    for (ir::NodeId& input : node.inputs) input = ids[input];
    ids[id] = result.add(std::move(node.name), std::move(node.op), std::move(node.inputs));
  }
  return result;
}

}  // namespace neurocuda::passes
