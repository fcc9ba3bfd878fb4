#pragma once

#include <span>
#include <vector>

#include "neurocuda/metrics/evaluation.hpp"

namespace neurocuda::metrics {

/// What the runs of some batches did, together.
struct Tally {
  std::vector<int> timesteps;  ///< read from each run; the largest is run
  std::int64_t images = 0;
  std::int64_t labelled = 0;
  double seconds = 0;                                    ///< wall clock, encoding included
  runtime::Activity activity{};                          ///< summed over the images
  std::vector<std::vector<std::int64_t>> predictions{};  ///< one list per T, one class per image
  std::vector<std::int64_t> correct{};                   ///< per T
  std::vector<double> cross_entropy{};                   ///< per T, summed over the labelled images
};

/// Runs normalised images (n, C, H, W) and adds what happened. `labels` is (n,) or empty.
void add_batch(Tally& tally, const runtime::Executable& executable, TensorView<const float> images,
               std::span<const std::int64_t> labels, const EvaluateOptions& options);

/// The figures at timesteps[index].
Evaluation summarize(const runtime::Executable& executable, const Tally& tally, std::size_t index);

}  // namespace neurocuda::metrics
