#pragma once

#include <memory>

#include "conversion/network/network.hpp"
#include "conversion/objective/activity_penalty.hpp"
#include "conversion/objective/class_loss.hpp"
#include "conversion/objective/rate_matching.hpp"
#include "conversion/training/loop.hpp"
#include "neurocuda/conversion/finetune.hpp"

namespace neurocuda::conversion {

/// Forward and backward pass of a micro-batch. The student is an IF graph (through time) or a QCFS graph (rate).
class TuningStep {
 public:
  /// `qcfs`: the calibrated graph, which rates are matched to.
  TuningStep(Network& student, Network& teacher, const ir::Graph& qcfs, const FinetuneOptions& options);

  /// Adds the gradients of weight x mean loss; returns that loss and the logits (mean over time).
  StepResult run(const torch::Tensor& images, const torch::Tensor& labels, double weight);
  /// A batch in parts of at most `micro_batch` images: the gradients of its mean loss.
  StepResult run_in_parts(const torch::Tensor& images, const torch::Tensor& labels, std::int64_t micro_batch);

 private:
  torch::Tensor loss_through_time(const torch::Tensor& steps, const torch::Tensor& labels, const torch::Tensor& target);
  /// The ANN's probabilities of these images; undefined when they have no weight.
  torch::Tensor teacher_target(const torch::Tensor& images);
  std::map<ir::NodeId, torch::Tensor> measured_rates(const torch::Tensor& images);

  Network& student_;
  Network& teacher_;
  const FinetuneOptions& options_;
  ClassLoss class_loss_;
  ForwardOptions forward_;
  ActivityPenalty penalty_;
  std::unique_ptr<RateMatching> matching_;  ///< when rate_matching has a weight
  std::unique_ptr<Network> spiking_;        ///< rate: the spiking twin, whose parameters are the student's
};

}  // namespace neurocuda::conversion
