#pragma once

#include <optional>

#include "neurocuda/ir/graph.hpp"
#include "neurocuda/program/program.hpp"

namespace neurocuda::compiler {

/// A pool of the graph as a node kind: averages become sums (their 1/area lies in the branch's gain), maxima
/// are those of the counts of spikes. Nothing when `node` is no pool.
std::optional<program::NodeKind> lower_pool(const ir::Node& node, program::NodeIndex source, const Shape& source_shape);

}  // namespace neurocuda::compiler
