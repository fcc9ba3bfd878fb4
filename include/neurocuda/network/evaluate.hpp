#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "neurocuda/base/progress.hpp"
#include "neurocuda/data/dataset.hpp"
#include "neurocuda/ir/graph.hpp"
#include "neurocuda/network/compute.hpp"
#include "neurocuda/program/mode.hpp"

namespace neurocuda::network {

struct FloatOptions {
  ComputeOptions compute;
  std::int64_t batch_size = 0;  ///< 0: chosen from the number of timesteps
  int timesteps = 0;            ///< for IF graphs; ignored otherwise
  program::Mode mode = program::Mode::synchronous;
};

struct FloatEvaluation {
  double accuracy = 0;  ///< NaN without labels
  std::int64_t correct = 0, images = 0;
  double sparsity = 0;  ///< IF graphs: 1 - spikes / (neurons T images)
  double images_per_second = 0;
  std::vector<double> accuracy_at;        ///< IF graphs: accuracy after 1..T timesteps
  std::vector<std::int64_t> predictions;  ///< one per image; IF graphs: after T timesteps
};
template <class Visit>
void visit_fields(const FloatEvaluation& evaluation, const Visit& visit) {
  visit("accuracy", evaluation.accuracy);
  visit("correct", evaluation.correct);
  visit("images", evaluation.images);
  visit("sparsity", evaluation.sparsity);
  visit("images_per_second", evaluation.images_per_second);
}

/// Accuracy of an ANN, QCFS or IF graph in float32 under libtorch.
FloatEvaluation evaluate_float(const ir::Graph& graph, const data::Dataset& dataset, const FloatOptions& options,
                               Progress& progress = silent_progress());

/// The images with the ANN's own answers as labels: what it is compared with where there are none.
data::Dataset labelled_by(const ir::Graph& ann, const data::Dataset& images, const ComputeOptions& compute,
                          Progress& progress = silent_progress());

/// Logits (N, classes) of normalised images (N, C, H, W); for an IF graph the mean over `timesteps`.
Tensor<float> run_float(const ir::Graph& graph, TensorView<const float> images, const FloatOptions& options);

/// The value of every activation node (ReLU, QCFS: its output; IF: the mean output over T, that is rate x theta), (N,
/// ...) each, in node order.
std::vector<Tensor<float>> activation_values(const ir::Graph& graph, TensorView<const float> images,
                                             const FloatOptions& options);

}  // namespace neurocuda::network
