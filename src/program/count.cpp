#include "neurocuda/program/constant_current.hpp"
#include "neurocuda/program/program.hpp"

namespace neurocuda::program {
namespace {

/// A diagonal moves one value per target position.
std::int64_t fan_in(const Connection& connection) {
  if (const auto* conv = std::get_if<Conv>(&connection)) return conv->weight.size() / conv->weight.extent(0);
  if (const auto* linear = std::get_if<Linear>(&connection)) return linear->weight.extent(1);
  return 1;
}

std::int64_t macs(const Program& program, bool of_constant_current) {
  const std::vector<bool> constant = constant_nodes(program);
  std::int64_t total = 0;
  for (const Node& node : program.nodes) {
    for (const SynapseGroup& group : groups_of(node)) {
      if (constant[static_cast<std::size_t>(group.source)] != of_constant_current) continue;
      total += fan_in(group.connection) * element_count(node.shape);
    }
  }
  return total;
}

}  // namespace

std::vector<bool> constant_nodes(const Program& program) {
  std::vector<bool> constant(program.nodes.size(), false);
  for (std::size_t i = 0; i < program.nodes.size(); ++i) {
    const Node& node = program.nodes[i];
    if (const auto* input = node.as<InputNode>()) constant[i] = input->encoding == InputEncoding::constant_current;
    if (const auto* pool = node.as<SumPool>()) constant[i] = constant[static_cast<std::size_t>(pool->source)];
  }
  return constant;
}

std::int64_t neuron_count(const Program& program) {
  std::int64_t total = 0;
  for (const Node& node : program.nodes) {
    if (node.as<IfLayer>()) total += element_count(node.shape);
  }
  return total;
}

std::int64_t dense_macs_per_timestep(const Program& program) { return macs(program, false); }

std::int64_t input_macs(const Program& program) { return macs(program, true); }

}  // namespace neurocuda::program
