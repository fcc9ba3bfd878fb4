#pragma once

#include <cstdint>
#include <string>

#include "neurocuda/data/dataset.hpp"
#include "neurocuda/ir/graph.hpp"

namespace neurocuda::conversion {

/// A hash of a graph's structure and initial values (FNV-1a), to tell whether a checkpoint belongs to it.
std::uint64_t graph_hash(const ir::Graph& graph);

/// "UCI digits train, 1438 images": the data part of a fingerprint.
std::string describe(const data::Dataset& dataset);

}  // namespace neurocuda::conversion
