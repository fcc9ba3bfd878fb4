#pragma once

#include <algorithm>

#include "neurocuda/ir/graph.hpp"

namespace neurocuda::ir {

/// Whether a graph has a node of the kind: contains<BatchNorm2d>(graph).
template <class Operator>
bool contains(const Graph& graph) {
  return std::any_of(graph.nodes().begin(), graph.nodes().end(),
                     [](const Node& node) { return node.as<Operator>() != nullptr; });
}

}  // namespace neurocuda::ir
