#include "neurocuda/ir/analysis.hpp"
#include "neurocuda/ir/parameters.hpp"

namespace neurocuda::ir {

std::int64_t dense_macs(const Graph& graph) {
  const std::vector<Shape> shapes = infer_shapes(graph);
  std::int64_t macs = 0;
  for (NodeId id = 0; id < graph.size(); ++id) {
    if (const auto* conv = graph.node(id).as<Conv2d>()) {
      // Every output value takes one kernel: I / groups x KH x KW.
      macs += element_count(shapes[id]) * (conv->weight.size() / conv->weight.extent(0));
    } else if (const auto* linear = graph.node(id).as<Linear>()) {
      macs += linear->weight.size();
    }
  }
  return macs;
}

std::int64_t parameter_count(const Graph& graph) {
  std::int64_t count = 0;
  for (const Node& node : graph.nodes()) count += parameter_count(node.op);
  return count;
}

}  // namespace neurocuda::ir
