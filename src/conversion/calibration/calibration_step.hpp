#pragma once

#include "neurocuda/conversion/settings.hpp"
#include "neurocuda/network/network.hpp"
#include "neurocuda/training/activity_penalty.hpp"
#include "neurocuda/training/loop.hpp"

namespace neurocuda::conversion {

/// Forward and backward pass of a batch through the QCFS network, its batch norms live: cross-entropy, distillation
/// from the ANN, and the activity penalty.
class CalibrationStep {
 public:
  /// `forward`: how the network is run where it is not trained (grid, bfloat16).
  CalibrationStep(network::Network& student, network::Network& teacher, const network::ForwardOptions& forward,
                  const Settings& settings);
  CalibrationStep(const CalibrationStep&) = delete;
  CalibrationStep& operator=(const CalibrationStep&) = delete;

  training::StepResult run(const torch::Tensor& images, const torch::Tensor& labels);

 private:
  network::Network& student_;
  network::Network& teacher_;
  const Settings& settings_;
  training::ActivityPenalty penalty_;
  network::ForwardOptions forward_;
};

}  // namespace neurocuda::conversion
