#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "neurocuda/base/progress.hpp"
#include "neurocuda/conversion/settings.hpp"
#include "neurocuda/data/dataset.hpp"
#include "neurocuda/ir/graph.hpp"
#include "neurocuda/network/compute.hpp"
#include "neurocuda/training/epoch_statistics.hpp"
#include "neurocuda/training/resume_file.hpp"

namespace neurocuda::conversion {

struct CalibrateResult {
  /// QCFS graph of the chosen epoch, batch norms folded; weights, biases and lambdas on the integer grid.
  ir::Graph graph;
  /// The same network before its batch norms are folded and its weights rounded: what fine-tuning goes on from. Without
  /// epochs it is `graph`.
  ir::Graph live;
  std::vector<training::EpochStatistics> epochs;
  std::vector<double> held_out_accuracy;  ///< of the integer Program at T: [0] is the percentile start
  int chosen_epoch = 0;                   ///< 0: the percentile start, less its handicap, was not beaten
  double start_handicap = 0;              ///< accuracy that the start is taken to owe to having seen these images
};

/// The largest value of every activation, by name, on the first images of the data.
std::map<std::string, double> largest_activations(const ir::Graph& ann, const data::Dataset& dataset,
                                                  const network::ComputeOptions& compute, Progress& progress);

/// Per-channel percentiles of every ReLU's output on `images` images of the data: name -> (C,), all positive.
std::map<std::string, Tensor<float>> activation_percentiles(const ir::Graph& ann, const data::Dataset& dataset,
                                                            double percentile, std::int64_t images,
                                                            const network::ComputeOptions& compute,
                                                            Progress& progress = silent_progress());

/// QCFS calibration (docs/conversion.md) of an ANN graph, folded or not: its batch norms stay live while it is trained
/// (a folded network gets new ones), and the result has them folded and lies on the integer grid. The epoch is chosen
/// by the integer Program at T in the mode in which it will run. `settings`: resolved.
CalibrateResult calibrate(const ir::Graph& ann, const data::Dataset& dataset, const Settings& settings,
                          const training::ResumeFile& state = {}, Progress& progress = silent_progress());

/// CalibrateResult::graph of CalibrateResult::live: batch norms folded, on the integer grid. A network without batch
/// norms is what it was.
ir::Graph on_grid(const ir::Graph& live, const Settings& settings);

}  // namespace neurocuda::conversion
