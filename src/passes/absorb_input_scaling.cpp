#include <cmath>

#include "neurocuda/passes/passes.hpp"

namespace neurocuda::passes {
namespace {

/// The batch norm that alone reads `value`, behind identities.
std::optional<ir::NodeId> only_batch_norm(const ir::Graph& graph, ir::NodeId value) {
  const auto consumers = graph.consumers();
  while (consumers[value].size() == 1) {
    value = consumers[value][0];
    const ir::Node& node = graph.node(value);
    if (node.as<ir::BatchNorm2d>()) return value;
    if (!node.as<ir::Identity>() && !node.as<ir::Dropout>()) return std::nullopt;
  }
  return std::nullopt;
}

/// (pixel - mean) / stddev, then times factor plus shift; nothing where a factor is not positive.
std::optional<ir::Normalization> followed_by(const ir::Normalization& given, const ir::BatchNorm2d& norm) {
  ir::Normalization result;
  for (std::int64_t c = 0; c < norm.gamma.size(); ++c) {
    const auto channel = static_cast<std::size_t>(c);
    const double mean = given.empty() ? 0.0 : given.mean[channel], stddev = given.empty() ? 1.0 : given.stddev[channel];
    const double factor = norm.gamma[c] / std::sqrt(double{norm.variance[c]} + double{norm.epsilon});
    const double shift = norm.beta[c] - norm.mean[c] * factor;
    if (!(factor > 0)) return std::nullopt;
    result.mean.push_back(static_cast<float>(mean - shift * stddev / factor));
    result.stddev.push_back(static_cast<float>(stddev / factor));
  }
  return result;
}

}  // namespace

ir::Graph absorb_input_scaling(const ir::Graph& graph) {
  ir::Graph result = graph;
  while (const auto id = only_batch_norm(result, result.input())) {
    const ir::Input& input = result.input_operator();
    auto normalization = followed_by(input.normalization, *result.node(*id).as<ir::BatchNorm2d>());
    if (!normalization) break;
    result.op(result.input()) = ir::Input{input.shape, std::move(*normalization)};
    result.op(*id) = ir::Identity{};
  }
  return result;
}

}  // namespace neurocuda::passes
