#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "neurocuda/data/dataset.hpp"
#include "neurocuda/ir/graph.hpp"

namespace neurocuda::training {

/// Everything that makes two runs the same run, as (name, value): a checkpoint is gone on from only by a run that has
/// the same.
using RunIdentity = std::vector<std::pair<std::string, std::string>>;

/// The stage, the network with all its parameters, and the images with all their pixels (the names, sizes and times of
/// those that stay in files) and labels.
RunIdentity identity_of(const std::string& stage, const ir::Graph& graph, const data::Dataset& images);

/// The first difference in words: "percentile 99.9 instead of 100"; empty when there is none.
std::string difference(const RunIdentity& theirs, const RunIdentity& ours);

}  // namespace neurocuda::training
