#pragma once

#include <memory>

#include "neurocuda/conversion/settings.hpp"
#include "neurocuda/network/network.hpp"
#include "neurocuda/training/activity_penalty.hpp"
#include "neurocuda/training/class_loss.hpp"
#include "neurocuda/training/loop.hpp"
#include "neurocuda/training/rate_matching.hpp"

namespace neurocuda::conversion {

/// Forward and backward pass of a micro-batch. The student is an IF graph, trained through time.
class TuningStep {
 public:
  /// `guide`: the graph to whose activations rates are matched.
  TuningStep(network::Network& student, network::Network& teacher, const ir::Graph& guide, const Settings& settings);

  /// Adds the gradients of weight x mean loss; returns that loss and the logits (mean over time).
  training::StepResult run(const torch::Tensor& images, const torch::Tensor& labels, double weight);
  /// A batch in parts of at most `micro_batch` images: the gradients of its mean loss.
  training::StepResult run_in_parts(const torch::Tensor& images, const torch::Tensor& labels, std::int64_t micro_batch);

 private:
  torch::Tensor loss_through_time(const torch::Tensor& steps, const torch::Tensor& labels, const torch::Tensor& target);
  /// The ANN's probabilities of these images; undefined when they have no weight.
  torch::Tensor teacher_target(const torch::Tensor& images);

  network::Network& student_;
  network::Network& teacher_;
  const Settings& settings_;
  training::ClassLoss class_loss_;
  network::ForwardOptions forward_;
  training::ActivityPenalty penalty_;
  std::unique_ptr<training::RateMatching> matching_;  ///< when rate_matching has a weight
};

}  // namespace neurocuda::conversion
