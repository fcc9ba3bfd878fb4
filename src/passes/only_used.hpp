#pragma once

#include "neurocuda/ir/graph.hpp"

namespace neurocuda::passes {

/// The inputs and what the output depends on; everything while there is no output.
ir::Graph only_used(const ir::Graph& graph);

}  // namespace neurocuda::passes
