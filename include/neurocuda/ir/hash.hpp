#pragma once

#include <cstdint>

#include "neurocuda/ir/graph.hpp"

namespace neurocuda::ir {

/// A hash of all that a graph computes and is called: nodes, inputs, every parameter and every attribute.
std::uint64_t hash_of(const Graph& graph);

}  // namespace neurocuda::ir
