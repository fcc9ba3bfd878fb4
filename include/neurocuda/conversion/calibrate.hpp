#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "neurocuda/conversion/evaluate.hpp"
#include "neurocuda/conversion/train.hpp"

namespace neurocuda::conversion {

struct CalibrateOptions {
  std::int64_t levels = 8;   ///< L of QCFS
  double percentile = 99.9;  ///< of each channel's activations: where lambda starts
  std::int64_t percentile_images = 2000;
  int epochs = 10;  ///< 0: percentile start only
  std::int64_t batch_size = 128;
  double learning_rate = 0.05;  ///< peak; cosine to 0
  double lambda_learning_rate = 0.01;
  double weight_decay = 5e-4;  ///< not on lambda and biases
  double clip_norm = 5.0;      ///< of the gradient
  /// Noise behind every QCFS, as a fraction of the unevenness measured at T before each epoch (0: none; needs
  /// `timesteps`), from `noise_warmup` of the epochs on.
  double noise = 0;
  double noise_warmup = 0.2;
  double synop_weight = 0;       ///< weight of the activity penalty: synaptic operations over those of a dense network
  double label_weight = 1.0;     ///< of the cross-entropy with the labels; 0: the ANN alone teaches
  double distillation = 3.0;     ///< weight of KL(ANN || QCFS) at temperature 3
  bool freeze_weights = false;   ///< only batch norms, biases and lambda learn
  bool quantize_weights = true;  ///< the loss sees int8-grid weights
  int weight_bits = 8;
  int input_bits = 8;
  std::vector<float> input_absmax{};  ///< see compiler::LowerOptions
  double held_out = 0.1;              ///< fraction of the data kept for choosing the epoch
  std::int64_t score_images = 2000;   ///< of the held-out data, at most
  /// The epoch is chosen by the accuracy of the integer Program at this T; 0: by that of the QCFS network. The ANN has
  /// usually been trained on the held-out images too, which flatters the percentile start: it competes with a handicap.
  int timesteps = 0;
  program::Mode mode = program::Mode::synchronous;  ///< in which that Program will run
  data::Augmentation augmentation{4, true, 0};
  double average = 0;  ///< decay per step of a moving average of the weights, which is scored and kept; 0: none
  double mixup = 0;    ///< alpha of Beta(alpha, alpha), by which images of a batch are mixed; 0: not at all, at most 1
  double cutmix = 0;   ///< alpha of Beta(alpha, alpha), by which boxes of images are replaced; 0: not at all, at most 1
  std::int64_t plain_epochs = 0;  ///< last epochs whose images are not mixed, neither way
  std::uint64_t seed = 0;
  ComputeOptions compute;
  std::filesystem::path checkpoint;
  bool resume = false;
};

struct CalibrateResult {
  /// QCFS graph of the chosen epoch, batch norms folded; weights, biases and lambdas on the integer grid when the loss
  /// saw that.
  ir::Graph graph;
  /// The same network before its batch norms are folded and its weights rounded: what fine-tuning goes on from. Without
  /// epochs it is `graph`.
  ir::Graph live;
  std::vector<EpochStatistics> epochs;
  std::vector<double> held_out_accuracy;  ///< see CalibrateOptions::timesteps: [0] is the percentile start
  int chosen_epoch = 0;                   ///< 0: the percentile start, less its handicap, was not beaten
  double start_handicap = 0;              ///< accuracy that the start is taken to owe to having seen these images
};

/// Per-channel percentiles of every ReLU's output on `images` images of the data: name -> (C,), all positive.
std::map<std::string, Tensor<float>> activation_percentiles(const ir::Graph& ann, const data::Dataset& dataset,
                                                            double percentile, std::int64_t images,
                                                            const ComputeOptions& compute,
                                                            Progress& progress = silent_progress());

/// QCFS calibration (docs/conversion.md) of an ANN graph, folded or not: its batch norms stay live while it is trained
/// (a folded network gets new ones), and the result has them folded and lies on the integer grid.
CalibrateResult calibrate(const ir::Graph& ann, const data::Dataset& dataset, const CalibrateOptions& options,
                          Progress& progress = silent_progress());

/// CalibrateResult::graph of CalibrateResult::live: batch norms folded, on the integer grid when `options` say that the
/// loss saw it. A network without batch norms is what it was.
ir::Graph on_grid(const ir::Graph& live, const CalibrateOptions& options);

}  // namespace neurocuda::conversion
