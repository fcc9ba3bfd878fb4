#include "neurocuda/passes/passes.hpp"

namespace neurocuda::passes {

ir::Graph substitute_if(const ir::Graph& graph) {
  return map_operators(graph, [](const ir::Node& node) -> ir::Operator {
    const auto* qcfs = node.as<ir::QCFS>();
    if (!qcfs) return node.op;
    // Half a threshold of head start centres the firing rate on QCFS's steps (its shift of 1/2).
    Tensor<float> v0 = qcfs->lambda;
    for (float& value : v0.values()) value /= 2.0F;
    return ir::IF{qcfs->lambda, std::move(v0)};
  });
}

}  // namespace neurocuda::passes
