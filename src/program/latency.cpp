#include "neurocuda/program/latency.hpp"

#include <algorithm>
#include <vector>

#include "neurocuda/program/node_traits.hpp"

namespace neurocuda::program {

int latency_timesteps(const Program& program, int timesteps, Mode mode) {
  if (mode == Mode::synchronous) return timesteps;
  std::vector<int> layers;  // by node: those on the longest way to it, itself included
  for (const Node& node : program.nodes) {
    int before = 0;
    for (const NodeIndex source : sources_of(node)) before = std::max(before, layers[static_cast<std::size_t>(source)]);
    layers.push_back(before + (has_neurons(node) ? 1 : 0));
  }
  return timesteps * (layers.back() + 1);
}

}  // namespace neurocuda::program
