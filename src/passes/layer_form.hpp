#pragma once

#include "neurocuda/ir/graph.hpp"

namespace neurocuda::passes {

/// The graph as folding leaves it, weights apart: batch norms do nothing. Keeps the ids.
ir::Graph without_batch_norms(const ir::Graph& graph);

/// Whether every layer reads convolutions and linear layers (batch norms behind them), identities and pools of what
/// fires: what fold_batch_norm and branches() take as it stands.
bool in_layer_form(const ir::Graph& graph);

}  // namespace neurocuda::passes
