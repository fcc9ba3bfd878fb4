#include <cmath>

#include "neurocuda/base/error.hpp"
#include "neurocuda/ir/analysis.hpp"
#include "neurocuda/passes/passes.hpp"

namespace neurocuda::passes {
namespace {

const Tensor<float>& lambda_of(const ir::Node& node, std::int64_t channels,
                               const std::map<std::string, Tensor<float>>& lambdas) {
  const auto found = lambdas.find(node.name);
  if (found == lambdas.end()) fail<ConversionError>("{}: has no lambda; calibrate every ReLU", label(node));
  const Tensor<float>& lambda = found->second;
  if (lambda.shape() != Shape{channels}) {
    fail<ConversionError>("{}: its lambda has shape {}, but there are {} channels; give one lambda per channel",
                          label(node), ir::to_string(lambda.shape()), channels);
  }
  for (const float value : lambda.values()) {
    if (!(value > 0.0F && std::isfinite(value))) {
      fail<ConversionError>("{}: a lambda is {}; thresholds must be positive and finite", label(node), value);
    }
  }
  return lambda;
}

}  // namespace

ir::Graph substitute_qcfs(const ir::Graph& graph, const std::map<std::string, Tensor<float>>& lambdas,
                          std::int64_t levels) {
  if (levels < 1) fail<ConversionError>("levels is {}; QCFS needs at least 1", levels);
  const std::vector<Shape> shapes = ir::infer_shapes(graph);
  return map_operators(graph, [&](const ir::Node& node) -> ir::Operator {
    if (!node.as<ir::ReLU>()) return node.op;
    return ir::QCFS{lambda_of(node, shapes[graph.find(node.name)][0], lambdas), levels};
  });
}

}  // namespace neurocuda::passes
