#pragma once

#include <cstdint>
#include <vector>

#include "neurocuda/base/progress.hpp"
#include "neurocuda/conversion/settings.hpp"
#include "neurocuda/data/dataset.hpp"
#include "neurocuda/ir/graph.hpp"
#include "neurocuda/training/epoch_statistics.hpp"
#include "neurocuda/training/resume_file.hpp"

namespace neurocuda::conversion {

struct FineTuneResult {
  ir::Graph graph;  ///< IF graph of the chosen epoch, on the integer grid
  std::vector<training::EpochStatistics> epochs;
  std::vector<double> held_out_accuracy;  ///< of the integer Program at T; [0]: before tuning
  int chosen_epoch = 0;                   ///< 0: tuning did not help, the network is as it was given
  double start_handicap = 0;              ///< as CalibrateResult has it; 0 for a calibrated network
  std::int64_t micro_batch = 0;           ///< images per forward pass that the memory allowed
  std::int64_t predicted_bytes = 0;       ///< peak of one such pass
};
template <class Visit>
void visit_fields(const FineTuneResult& tuning, const Visit& visit) {
  visit("epochs", tuning.epochs.size());
  visit("chosen_epoch", tuning.chosen_epoch);
  visit("held_out_accuracy", tuning.held_out_accuracy);
  visit("start_handicap", tuning.start_handicap);
  visit("micro_batch", tuning.micro_batch);
  visit("predicted_bytes", tuning.predicted_bytes);
  visit("epoch_statistics", tuning.epochs);
}

/// Fine-tunes a spiking network at its target T through time (docs/conversion.md). `start`: an IF graph, batch norms
/// live (they then follow the currents of the spiking network) or folded; `guide`: the same nodes with QCFS,
/// whose activations rates are matched to; `ann`: the teacher. Weights, biases, thresholds and v0 learn. The epoch is
/// chosen by the integer Program on a held-out part of the data. `settings`: resolved; without fine-tuning in them,
/// `start` as it would be deployed.
FineTuneResult fine_tune(const ir::Graph& start, const ir::Graph& guide, const ir::Graph& ann,
                         const data::Dataset& dataset, const Settings& settings, const training::ResumeFile& state = {},
                         Progress& progress = silent_progress());

/// Bytes that one image adds to the peak of a training step: one byte for every neuron and timestep, with
/// `rate_matching` the guide's activations beside them, and the largest layer's tensors in flight.
std::int64_t predicted_bytes_per_image(const ir::Graph& if_graph, int timesteps, bool rate_matching = false);

}  // namespace neurocuda::conversion
