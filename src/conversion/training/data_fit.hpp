#pragma once

#include "neurocuda/conversion/train.hpp"
#include "neurocuda/data/loader.hpp"
#include "neurocuda/ir/graph.hpp"

namespace neurocuda::conversion {

/// Throws UserError naming both shapes when the data set's images or classes do not fit the graph.
void require_fit(const ir::Graph& graph, const data::Dataset& dataset);

/// Of the network's output.
std::int64_t class_count(const ir::Graph& graph);

/// The normalisation that the graph names, or else the data set's.
ir::Normalization normalization_for(const ir::Graph& graph, const data::Dataset& dataset);

/// A shuffled, augmented training loader.
data::LoaderOptions loader_options(const ir::Graph& graph, const data::Dataset& dataset, std::int64_t batch_size,
                                   const data::Augmentation& augmentation, std::uint64_t seed,
                                   const ComputeOptions& compute);

}  // namespace neurocuda::conversion
