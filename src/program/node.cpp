#include "neurocuda/base/error.hpp"
#include "neurocuda/program/program.hpp"

namespace neurocuda::program {

const std::vector<SynapseGroup>& groups_of(const Node& node) {
  static const std::vector<SynapseGroup> kNone;
  if (const auto* layer = node.as<IfLayer>()) return layer->groups;
  if (const auto* accumulator = node.as<Accumulator>()) return accumulator->groups;
  return kNone;
}

std::vector<NodeIndex> sources_of(const Node& node) {
  if (const auto* pool = node.as<SumPool>()) return {pool->source};
  if (const auto* pool = node.as<OrPool>()) return {pool->source};
  std::vector<NodeIndex> sources;
  for (const SynapseGroup& group : groups_of(node)) sources.push_back(group.source);
  return sources;
}

std::int64_t channels(const Shape& shape) {
  ensure(!shape.empty(), "a node's shape has at least the channel axis");
  return shape[0];
}

std::int64_t plane(const Shape& shape) {
  std::int64_t positions = 1;
  for (std::size_t axis = 1; axis < shape.size(); ++axis) positions *= shape[axis];
  return positions;
}

}  // namespace neurocuda::program
