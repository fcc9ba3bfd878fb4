#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "neurocuda/ir/graph.hpp"

namespace neurocuda::passes {

/// Called for every node in order with the graph made so far and the new ids of what the node reads. Returns the new id
/// of a node that takes this one's place, or nothing to keep the node.
using Replace =
    std::function<std::optional<ir::NodeId>(ir::NodeId old_id, ir::Graph& made, const std::vector<ir::NodeId>& inputs)>;

/// A copy of the graph in which the readers of a replaced node read its replacement.
ir::Graph rewire(const ir::Graph& graph, const Replace& replace);

}  // namespace neurocuda::passes
