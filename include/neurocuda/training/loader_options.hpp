#pragma once

#include <cstdint>

#include "neurocuda/data/loader.hpp"
#include "neurocuda/ir/graph.hpp"

namespace neurocuda::training {

/// A shuffled, augmented training loader, with the normalisation that the graph names or else the data set's. threads
/// 0: all.
data::LoaderOptions loader_options(const ir::Graph& graph, const data::Dataset& dataset, std::int64_t batch_size,
                                   const data::Augmentation& augmentation, std::uint64_t seed, int threads);

}  // namespace neurocuda::training
