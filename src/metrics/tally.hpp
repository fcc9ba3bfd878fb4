#pragma once

#include <vector>

#include "neurocuda/data/dataset.hpp"
#include "neurocuda/metrics/evaluation.hpp"

namespace neurocuda::metrics {

/// What one run of a whole data set did.
struct Tally {
  std::int64_t images = 0;
  double seconds = 0;                                  ///< wall clock
  runtime::Activity activity;                          ///< summed over the images
  std::vector<std::vector<std::int64_t>> predictions;  ///< one list per T asked for, one class per image
};

/// Runs the data set for `options.timesteps`, which is resolved and no less than any of `timesteps`.
Tally run_dataset(const runtime::Executable& executable, const data::Dataset& dataset,
                  const std::vector<int>& timesteps, const EvaluateOptions& options, Progress& progress);

/// The figures of the first `timesteps` steps of a run; `predictions` are those at that T.
Evaluation summarize(const runtime::Executable& executable, const data::Dataset& dataset, const Tally& tally,
                     int timesteps, std::vector<std::int64_t> predictions);

}  // namespace neurocuda::metrics
