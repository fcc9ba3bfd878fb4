#include "neurocuda/passes/passes.hpp"
#include "passes/rewire.hpp"

namespace neurocuda::passes {

ir::Graph vectors_as_images(const ir::Graph& graph) {
  if (graph.input_operator().shape.size() != 1) return graph;
  return rewire(graph, [&](ir::NodeId id, ir::Graph& made, const auto&) -> std::optional<ir::NodeId> {
    const auto* input = graph.node(id).as<ir::Input>();
    if (input == nullptr) return std::nullopt;
    const ir::NodeId image =
        made.add(graph.node(id).name, ir::Input{{input->shape[0], 1, 1}, input->normalization, input->spike_train});
    return made.add(graph.unique_name(graph.node(id).name + ".flatten"), ir::Flatten{}, {image});
  });
}

}  // namespace neurocuda::passes
