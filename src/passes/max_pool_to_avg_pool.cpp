#include "neurocuda/passes/passes.hpp"

namespace neurocuda::passes {

ir::Graph max_pool_to_avg_pool(const ir::Graph& graph) {
  return map_operators(graph, [](const ir::Node& node) -> ir::Operator {
    const auto* pool = node.as<ir::MaxPool2d>();
    return pool ? ir::AvgPool2d{pool->window} : node.op;
  });
}

}  // namespace neurocuda::passes
