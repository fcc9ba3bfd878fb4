#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "neurocuda/base/progress.hpp"
#include "neurocuda/data/dataset.hpp"
#include "neurocuda/runtime/executable.hpp"

namespace neurocuda::metrics {

/// An IF layer, or the output layer: that one has no neurons and no spikes, only what arrives.
struct LayerStatistics {
  std::string layer;
  std::int64_t neurons = 0;  ///< 0 for the output layer
  double sparsity = 0;       ///< 1 - spikes / (neurons T images)
  double spikes_per_image = 0;
  double synops_per_image = 0;        ///< arriving at this layer
  double dense_synops_per_image = 0;  ///< if every source fired at all T; a constant input current counts once
};
template <class Visit>
void visit_fields(const LayerStatistics& layer, const Visit& visit) {
  visit("layer", layer.layer);
  visit("neurons", layer.neurons);
  visit("sparsity", layer.sparsity);
  visit("spikes_per_image", layer.spikes_per_image);
  visit("synops_per_image", layer.synops_per_image);
  visit("dense_synops_per_image", layer.dense_synops_per_image);
}

/// What `neurocuda eval` reports. Fractions, not percent.
struct Evaluation {
  double accuracy = 0;
  double cross_entropy = 0;  ///< mean over the images, in nats
  std::int64_t correct = 0, images = 0;
  int timesteps = 0;
  int latency_timesteps = 0;  ///< until the logits: T, in the exact mode T a layer (program::latency_timesteps)
  std::string target, isa, data, mode;
  std::string neuron;   ///< "plain" or "signed"
  double sparsity = 0;  ///< 1 - spikes / (IF neurons x timesteps x images)
  double spikes_per_image = 0, synops_per_image = 0;
  double dense_macs_per_image = 0;  ///< of the ANN: one dense pass
  double input_macs_per_image = 0;  ///< the constant current, once per image
  double images_per_second = 0;     ///< wall clock, encoding included
  std::vector<LayerStatistics> layers;
  std::vector<std::int64_t> predictions;  ///< one per image
};
template <class Visit>
void visit_fields(const Evaluation& evaluation, const Visit& visit) {
  visit("accuracy", evaluation.accuracy);
  visit("cross_entropy", evaluation.cross_entropy);
  visit("correct", evaluation.correct);
  visit("images", evaluation.images);
  visit("timesteps", evaluation.timesteps);
  visit("latency_timesteps", evaluation.latency_timesteps);
  visit("target", evaluation.target);
  visit("isa", evaluation.isa);
  visit("mode", evaluation.mode);
  visit("neuron", evaluation.neuron);
  visit("data", evaluation.data);
  visit("sparsity", evaluation.sparsity);
  visit("spikes_per_image", evaluation.spikes_per_image);
  visit("synops_per_image", evaluation.synops_per_image);
  visit("dense_macs_per_image", evaluation.dense_macs_per_image);
  visit("input_macs_per_image", evaluation.input_macs_per_image);
  visit("images_per_second", evaluation.images_per_second);
  visit("layers", evaluation.layers);
}

struct EvaluateOptions {
  int timesteps = 0;
  int threads = 0;
  std::int64_t batch_size = 64;
  program::Mode mode = program::Mode::synchronous;
  std::string task{};  ///< what progress calls it; empty: "evaluate on <target>, T = <T>"
};

/// Batches that come one at a time (a Python loader), already normalised.
class BatchEvaluation {
 public:
  /// One Evaluation per T, as evaluate_timesteps gives. The executable must outlive this.
  BatchEvaluation(const runtime::Executable& executable, const std::vector<int>& timesteps,
                  const EvaluateOptions& options = {});
  ~BatchEvaluation();
  BatchEvaluation(BatchEvaluation&&) noexcept;

  /// Runs images (n, C, H, W). `labels`: (n,), or empty where they are not known. UserError when the sizes do not fit.
  void add(TensorView<const float> images, std::span<const std::int64_t> labels);
  std::int64_t images() const;
  /// Of all batches so far; accuracy and cross-entropy are NaN when a label was missing. `data` names them. UserError
  /// without images.
  std::vector<Evaluation> result(const std::string& data) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Runs the whole data set. UserError when it has no images, or their shape is not that of the program's input. Images
/// are normalised with the Program's mean and stddev where it has them, otherwise with the data set's.
Evaluation evaluate(const runtime::Executable& executable, const data::Dataset& dataset,
                    const EvaluateOptions& options = {}, Progress& progress = silent_progress());

/// One Evaluation per T, in the order given, from as few runs as possible: in synchronous mode one run of the largest T
/// serves all (step t never depends on T), and all state the speed of that run; exact mode runs each T.
std::vector<Evaluation> evaluate_timesteps(const runtime::Executable& executable, const data::Dataset& dataset,
                                           const std::vector<int>& timesteps, const EvaluateOptions& options = {},
                                           Progress& progress = silent_progress());

/// The share of images that two networks answer alike; 0 of none. Both have one answer for each image.
double agreement(std::span<const std::int64_t> a, std::span<const std::int64_t> b);

}  // namespace neurocuda::metrics
