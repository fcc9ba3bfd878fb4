#pragma once

#include <cstdint>
#include <vector>

#include "neurocuda/base/progress.hpp"
#include "neurocuda/correction/settings.hpp"
#include "neurocuda/data/dataset.hpp"
#include "neurocuda/program/program.hpp"

/// Post-training correction of integer Programs: no gradients, no libtorch.
namespace neurocuda::correction {

struct BiasCorrection {
  program::Program program;  ///< of the chosen round; its timesteps are the T of the correction
  std::vector<double>
      held_out_accuracy;  ///< as given, then after every round; empty without held-out images and labels
  /// Root mean square over all channels of the mean rate's error, spikes per timestep, in the same order.
  std::vector<double> rate_error;
  int chosen_round = 0;  ///< 0: no round was better than the network as it was given
};
template <class Visit>
void visit_fields(const BiasCorrection& correction, const Visit& visit) {
  visit("rounds", correction.rate_error.size() - 1);
  visit("chosen_round", correction.chosen_round);
  visit("held_out_accuracy", correction.held_out_accuracy);
  visit("rate_error", correction.rate_error);
}

/// Spikes that come before the currents that would have prevented them cannot be taken back, so that at few timesteps
/// the mean rate of a channel differs from the one that its inputs call for. Every round measures both on `measured`,
/// the latter by accumulating first and firing then (Mode::exact) in the Program as it was given, and moves the biases
/// of all layers by step x (difference) x theta. This is the bias correction of Li et al. 2021 (arXiv 2106.06984,
/// section 4.1) with the integer Program's own exact execution in place of the ANN's activations. The round to keep is
/// chosen by the accuracy on `held_out`, then by the cross-entropy; without such images, or without their labels, by
/// the rate error. Layers whose only inputs are identity skips have no bias that could move. Throws UserError when
/// images do not fit, when there are none to measure on, and where the Program cannot run at this T or in exact mode.
BiasCorrection correct_biases(const program::Program& program, const data::Dataset& measured,
                              const data::Dataset& held_out, const Settings& settings = {},
                              Progress& progress = silent_progress());

/// The same with one data set, of training images, of which as many are drawn as the settings say: a seeded,
/// class-balanced part is held out.
BiasCorrection correct_biases(const program::Program& program, const data::Dataset& training,
                              const Settings& settings = {}, Progress& progress = silent_progress());

}  // namespace neurocuda::correction
