#pragma once

#include "neurocuda/ir/graph.hpp"
#include "neurocuda/program/program.hpp"

namespace neurocuda::correction {

/// The IF graph with the biases that a correction of its Program moved: what `after` has more than `before`, in the
/// float network's units, goes to the first convolution or linear layer before each IF node.
ir::Graph with_moved_biases(const ir::Graph& spiking, const program::Program& before, const program::Program& after);

}  // namespace neurocuda::correction
