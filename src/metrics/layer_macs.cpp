#include "metrics/layer_macs.hpp"

#include "neurocuda/program/node_traits.hpp"

namespace neurocuda::metrics {
namespace {

LayerMacs total(const program::Program& program) {
  return {program::dense_macs_per_timestep(program), program::input_macs(program)};
}

void remove_groups(program::Node& node) {
  if (auto* groups = program::mutable_groups(node)) groups->clear();
}

}  // namespace

std::vector<LayerMacs> layer_macs(const program::Program& program) {
  // A node's share is what the total loses without its groups: one definition of a MAC, that of the program part.
  program::Program rest = program;
  std::vector<LayerMacs> macs;
  LayerMacs before = total(rest);
  for (auto& node : rest.nodes) {
    remove_groups(node);
    const LayerMacs after = total(rest);
    macs.push_back({before.per_timestep - after.per_timestep, before.once - after.once});
    before = after;
  }
  return macs;
}

}  // namespace neurocuda::metrics
