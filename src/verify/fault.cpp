#include <algorithm>
#include <cstdlib>

#include "neurocuda/base/error.hpp"
#include "neurocuda/program/node_traits.hpp"
#include "neurocuda/program/rounding.hpp"
#include "neurocuda/verify/verify.hpp"

namespace neurocuda::verify {
namespace {

/// The weights of the first group of this layer.
Tensor<std::int8_t>& first_weights(program::Program& program, const std::string& layer) {
  const auto node = std::find_if(program.nodes.begin(), program.nodes.end(),
                                 [&](const program::Node& candidate) { return candidate.name == layer; });
  if (node == program.nodes.end())
    fail("verify: no layer '{}' in program '{}'; name one of its IF layers", layer, program.name);
  auto* groups = program::mutable_groups(*node);
  if (!groups || groups->empty()) fail("verify: node '{}' has no weights; name an IF layer or the output", layer);
  return std::visit(
      [](auto& connection) -> auto& { return connection.weight; }, groups->front().connection);
}

}  // namespace

program::Program with_changed_weight(const program::Program& program, const std::string& layer, std::int64_t weight,
                                     int delta) {
  program::Program changed = program;
  auto& weights = first_weights(changed, layer);
  if (weight < 0 || weight >= weights.size()) {
    fail("verify: layer '{}' has the weights 0..{}, there is no {}; choose one of them", layer, weights.size() - 1,
         weight);
  }
  const int limit = program::largest_code(8);
  const std::int64_t up = std::int64_t{weights[weight]} + delta, down = std::int64_t{weights[weight]} - delta;
  const std::int64_t value = std::abs(up) <= limit ? up : down;
  if (delta == 0 || std::abs(value) > limit) {
    fail("verify: weight {} of layer '{}' is {} and cannot be changed by {}; choose a change that keeps it in -{}..{}",
         weight, layer, weights[weight], delta, limit, limit);
  }
  weights[weight] = static_cast<std::int8_t>(value);
  return changed;
}

}  // namespace neurocuda::verify
