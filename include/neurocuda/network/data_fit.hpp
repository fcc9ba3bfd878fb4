#pragma once

#include "neurocuda/data/dataset.hpp"
#include "neurocuda/ir/graph.hpp"

namespace neurocuda::network {

/// Throws UserError naming both shapes when the data set's images or classes do not fit the graph.
void require_fit(const ir::Graph& graph, const data::Dataset& dataset);

/// The normalisation that the graph names, or else the data set's.
ir::Normalization normalization_for(const ir::Graph& graph, const data::Dataset& dataset);

}  // namespace neurocuda::network
