#pragma once

#include <vector>

#include "neurocuda/base/progress.hpp"
#include "neurocuda/data/dataset.hpp"
#include "neurocuda/ir/graph.hpp"
#include "neurocuda/training/epoch_statistics.hpp"
#include "neurocuda/training/resume_file.hpp"
#include "neurocuda/training/settings.hpp"

namespace neurocuda::training {

struct TrainResult {
  ir::Graph graph;  ///< with the trained parameters and batch norm statistics
  std::vector<EpochStatistics> epochs;
};

/// Trains an ANN with SGD on cross-entropy, on `images` or on as many of them as the settings say. The same seed,
/// thread count and data give the same result; a resumed run gives the same result as an uninterrupted one. Interrupted
/// leaves the last whole epoch in the resume file. Throws UserError when the loss is not finite, when the data does not
/// fit the graph, or when the resume file belongs to another run; SettingError when a setting is out of range.
TrainResult train(const ir::Graph& graph, const data::Dataset& images, const Settings& settings,
                  const ResumeFile& state = {}, Progress& progress = silent_progress());

}  // namespace neurocuda::training
