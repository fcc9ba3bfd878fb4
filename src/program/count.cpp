#include "neurocuda/program/node_traits.hpp"

namespace neurocuda::program {
namespace {

/// A diagonal moves one value per target position.
std::int64_t fan_in(const Connection& connection) {
  return std::visit(Overloaded{[](const Conv& conv) { return conv.weight.size() / conv.weight.extent(0); },
                               [](const Linear& linear) { return linear.weight.extent(1); },
                               [](const Diagonal&) { return std::int64_t{1}; }},
                    connection);
}

std::int64_t macs(const Program& program, bool of_constant_current) {
  const std::vector<Signal> sent = signals(program);
  std::int64_t total = 0;
  for (const Node& node : program.nodes) {
    for (const SynapseGroup& group : groups_of(node)) {
      const bool constant = sent[static_cast<std::size_t>(group.source)] == Signal::constant;
      if (constant != of_constant_current) continue;
      total += fan_in(group.connection) * element_count(node.shape);
    }
  }
  return total;
}

}  // namespace

std::int64_t neuron_count(const Program& program) {
  std::int64_t total = 0;
  for (const Node& node : program.nodes) {
    if (has_neurons(node)) total += element_count(node.shape);
  }
  return total;
}

std::int64_t dense_macs_per_timestep(const Program& program) { return macs(program, false); }

std::int64_t input_macs(const Program& program) { return macs(program, true); }

}  // namespace neurocuda::program
