#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "neurocuda/base/progress.hpp"
#include "neurocuda/network/network.hpp"
#include "neurocuda/neurons/libtorch.hpp"
#include "neurocuda/training/epoch_statistics.hpp"
#include "neurocuda/training/resume_file.hpp"
#include "neurocuda/training/run_identity.hpp"
#include "neurocuda/training/score.hpp"
#include "neurocuda/training/sgd.hpp"
#include "neurocuda/training/training_batches.hpp"

namespace neurocuda::training {

struct LoopOptions {
  std::string task;      ///< shown with the progress
  RunIdentity identity;  ///< of the run, for its checkpoint
  int epochs = 1;
  double warmup_epochs = 0;
  double clip_norm = 0;
  /// Decay per step of a moving average of the weights, which is what is scored and kept; 0: the weights themselves.
  double average = 0;
  std::int64_t tied_images = 0;  ///< of the choice among epochs, see best_trained
  std::uint64_t seed = 0;
  ResumeFile state;
};

/// Forward and backward pass of one batch: the step leaves the gradients of the mean loss in the parameters.
struct StepResult {
  double loss = 0;
  torch::Tensor logits;  ///< (N, classes)
};
using StepFunction = std::function<StepResult(const torch::Tensor& images, const torch::Tensor& labels)>;
/// Score of the network as it stands; empty when nothing is chosen by it.
using ScoreFunction = std::function<Score()>;

struct LoopResult {
  std::vector<EpochStatistics> epochs;
  std::vector<Score> scores;  ///< [0] before training, then one per epoch; empty without a score function
  int best_epoch = 0;         ///< see choose_epoch; the last epoch without a score function
};

/// Epochs of SGD with checkpoints. Leaves the network at its best epoch (by score) or at its last.
LoopResult run_epochs(network::Network& network, Sgd& sgd, TrainingBatches& batches, const LoopOptions& options,
                      const StepFunction& step, const ScoreFunction& score, Progress& progress);

}  // namespace neurocuda::training
