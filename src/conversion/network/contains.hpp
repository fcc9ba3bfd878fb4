#pragma once

#include <algorithm>

#include "neurocuda/ir/graph.hpp"

namespace neurocuda::conversion {

/// Whether a graph has a node of the kind: contains<ir::BatchNorm2d>(graph).
template <class Operator>
bool contains(const ir::Graph& graph) {
  return std::any_of(graph.nodes().begin(), graph.nodes().end(),
                     [](const ir::Node& node) { return node.as<Operator>() != nullptr; });
}

}  // namespace neurocuda::conversion
