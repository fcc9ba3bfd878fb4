#include "onnx/read/prune.hpp"

#include <algorithm>

namespace neurocuda::onnx {

ir::Graph prune(ir::Graph graph) {
  std::vector<bool> used(graph.size(), false);
  used[graph.output()] = true;
  used[graph.input()] = true;
  for (ir::NodeId id = graph.size(); id-- > 0;) {
    if (!used[id]) continue;
    for (const ir::NodeId input : graph.node(id).inputs) used[input] = true;
  }
  if (std::ranges::find(used, false) == used.end()) return graph;
  ir::Graph result;
  result.name = graph.name;
  std::vector<ir::NodeId> moved(graph.size());
  for (ir::NodeId id = 0; id < graph.size(); ++id) {
    if (!used[id]) continue;
    std::vector<ir::NodeId> inputs = graph.node(id).inputs;
    for (ir::NodeId& input : inputs) input = moved[input];
    moved[id] = result.add(graph.node(id).name, std::move(graph.op(id)), std::move(inputs));
  }
  return result;
}

}  // namespace neurocuda::onnx
