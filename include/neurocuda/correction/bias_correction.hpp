#pragma once

#include <cstdint>
#include <vector>

#include "neurocuda/base/progress.hpp"
#include "neurocuda/data/dataset.hpp"
#include "neurocuda/program/program.hpp"

/// Post-training correction of integer Programs: no gradients, no libtorch.
namespace neurocuda::correction {

struct BiasCorrectionOptions {
  int timesteps = 0;  ///< for which T; 0: the Program's own
  int rounds = 4;
  double step = 0.8;  ///< share of a channel's rate error that its bias takes up in one round
  std::int64_t batch_size = 32;
  int threads = 0;
  // How one data set becomes images to measure on and images to choose by.
  std::int64_t images = 256;         ///< on which rates are measured
  double held_out = 0.1;             ///< fraction of the data kept for choosing the round
  std::int64_t score_images = 2000;  ///< of the held-out data, at most
  std::uint64_t seed = 0;
};

struct BiasCorrection {
  program::Program program;               ///< of the chosen round; its timesteps are the T of the correction
  std::vector<double> held_out_accuracy;  ///< as given, then after every round; empty without held-out images
  /// Root mean square over all channels of the mean rate's error, spikes per timestep, in the same order.
  std::vector<double> rate_error;
  int chosen_round = 0;  ///< 0: no round was better than the network as it was given
};

/// Spikes that come before the currents that would have prevented them cannot be taken back, so that at few timesteps
/// the mean rate of a channel differs from the one that its inputs call for. Every round measures both on `measured`,
/// the latter by accumulating first and firing then (Mode::exact) in the Program as it was given, and moves the biases
/// of all layers by step x (difference) x theta. This is the bias correction of Li et al. 2021 (arXiv 2106.06984,
/// section 4.1) with the integer Program's own exact execution in place of the ANN's activations. The round to keep is
/// chosen by the accuracy on `held_out`, then by the cross-entropy; without such images by the rate error.
/// Layers whose only inputs are identity skips have no bias that could move. Throws UserError when images do not fit,
/// when there are none to measure on, and where the Program cannot run at this T or in exact mode.
BiasCorrection correct_biases(const program::Program& program, const data::Dataset& measured,
                              const data::Dataset& held_out, const BiasCorrectionOptions& options = {},
                              Progress& progress = silent_progress());

/// The same with one data set, of training images: a seeded, class-balanced part is held out. UserError when the
/// fraction is not between 0 and 1.
BiasCorrection correct_biases(const program::Program& program, const data::Dataset& training,
                              const BiasCorrectionOptions& options = {}, Progress& progress = silent_progress());

}  // namespace neurocuda::correction
