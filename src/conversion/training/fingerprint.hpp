#pragma once

#include <cstdint>
#include <string>

#include "neurocuda/data/dataset.hpp"
#include "neurocuda/data/loader.hpp"
#include "neurocuda/ir/graph.hpp"

namespace neurocuda::conversion {

/// A hash of a graph's structure and initial values (FNV-1a), to tell whether a checkpoint belongs to it.
std::uint64_t graph_hash(const ir::Graph& graph);

/// "UCI digits train, 1438 images": the data part of a fingerprint.
std::string describe(const data::Dataset& dataset);
/// The same with how the images are divided (the fraction held out, how many of it choose) and changed.
std::string describe(const data::Dataset& dataset, double held_out, std::int64_t score_images,
                     const data::Augmentation& augmentation);

}  // namespace neurocuda::conversion
