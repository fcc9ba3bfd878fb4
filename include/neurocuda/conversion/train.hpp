#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "neurocuda/base/progress.hpp"
#include "neurocuda/data/dataset.hpp"
#include "neurocuda/data/loader.hpp"
#include "neurocuda/ir/graph.hpp"

namespace neurocuda::conversion {

/// Where and how libtorch computes.
struct ComputeOptions {
  std::string device = "cpu";  ///< "cpu", "cuda", "cuda:1"
  int threads = 0;             ///< 0: all hardware threads
  bool bf16 = false;           ///< convolutions and linear layers in bfloat16, everything else in float32
};

struct TrainOptions {
  int epochs = 15;
  std::int64_t batch_size = 128;
  double learning_rate = 0.1;  ///< peak; linear warm-up, then cosine to 0
  double momentum = 0.9;       ///< Nesterov
  double weight_decay = 5e-4;  ///< not on batch norms and biases
  double warmup_epochs = 1.0;
  double label_smoothing = 0.1;
  /// 0: ReLU. L > 0: every ReLU becomes QCFS with L levels, trained from scratch (Bu et al. 2022, arXiv 2303.04347):
  /// one positive lambda per channel, learnt at `lambda_learning_rate` times the rate of the weights.
  std::int64_t levels = 0;
  double initial_lambda = 4;
  double lambda_learning_rate = 0.1;
  bool quantize_weights = true;  ///< QCFS: the loss sees the int8 grid of the weights and the input's grid
  data::Augmentation augmentation{4, true, 0};
  std::uint64_t seed = 0;
  ComputeOptions compute;
  std::filesystem::path checkpoint;  ///< resume state, written after every epoch; empty: none
  bool resume = false;               ///< continue from `checkpoint` when it exists
};

struct EpochStatistics {
  int epoch = 0;  ///< 1-based
  double loss = 0, train_accuracy = 0, learning_rate = 0, seconds = 0;
};

struct TrainResult {
  ir::Graph graph;  ///< with the trained parameters and batch norm statistics
  std::vector<EpochStatistics> epochs;
};

/// Trains an ANN, with ReLU or QCFS, with SGD on cross-entropy. The same seed, thread count and data give the same
/// result; a resumed run gives the same result as an uninterrupted one. Interrupted leaves the last whole epoch in the
/// checkpoint. Throws UserError when loss is not finite, when the data does not fit the graph, or the checkpoint
/// belongs to another run.
TrainResult train(const ir::Graph& graph, const data::Dataset& training, const TrainOptions& options,
                  Progress& progress = silent_progress());

}  // namespace neurocuda::conversion
