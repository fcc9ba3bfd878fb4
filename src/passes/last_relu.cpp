#include <algorithm>

#include "neurocuda/ir/branches.hpp"
#include "neurocuda/ir/contains.hpp"
#include "neurocuda/passes/passes.hpp"
#include "passes/rewire.hpp"

namespace neurocuda::passes {

std::optional<ir::NodeId> last_relu(const ir::Graph& graph) {
  if (!ir::contains<ir::Output>(graph)) return std::nullopt;  // a part of a network
  const auto readers = graph.consumers();
  ir::NodeId id = graph.node(graph.output()).inputs[0];
  const auto hands_on = [&] {
    const ir::Node& node = graph.node(id);
    return node.as<ir::Flatten>() || node.as<ir::Identity>() || node.as<ir::Dropout>();
  };
  while (hands_on() && readers[id].size() == 1) id = graph.node(id).inputs[0];
  const auto* relu = graph.node(id).as<ir::ReLU>();
  if (relu == nullptr || relu->capped() || readers[id].size() != 1) return std::nullopt;
  const auto& nodes = graph.nodes();
  return std::count_if(nodes.begin(), nodes.end(), ir::is_activation) > 1 ? std::optional(id) : std::nullopt;
}

ir::Graph leave_out_last_relu(const ir::Graph& graph) {
  const std::optional<ir::NodeId> relu = last_relu(graph);
  if (!relu) return graph;
  return rewire(graph, [&](ir::NodeId id, ir::Graph&, const std::vector<ir::NodeId>& inputs) {
    return id == *relu ? std::optional(inputs[0]) : std::nullopt;
  });
}

}  // namespace neurocuda::passes
