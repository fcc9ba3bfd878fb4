#pragma once

#include <map>

#include "conversion/network/network.hpp"
#include "conversion/objective/activity_penalty.hpp"
#include "conversion/training/loop.hpp"
#include "neurocuda/conversion/calibrate.hpp"

namespace neurocuda::conversion {

/// Forward and backward pass of a batch through the QCFS network, its batch norms live: cross-entropy, distillation
/// from the ANN, and the activity penalty.
class CalibrationStep {
 public:
  /// `forward`: how the network is run where it is not trained (grid, bfloat16).
  CalibrationStep(Network& student, Network& teacher, const ForwardOptions& forward, const CalibrateOptions& options);
  CalibrationStep(const CalibrationStep&) = delete;
  CalibrationStep& operator=(const CalibrationStep&) = delete;

  /// Standard deviation of the noise behind every QCFS from now on, in units of its output.
  void set_noise(std::map<ir::NodeId, double> sigma) { forward_.noise = std::move(sigma); }

  StepResult run(const torch::Tensor& images, const torch::Tensor& labels);

 private:
  Network& student_;
  Network& teacher_;
  const CalibrateOptions& options_;
  ActivityPenalty penalty_;
  ForwardOptions forward_;
};

}  // namespace neurocuda::conversion
