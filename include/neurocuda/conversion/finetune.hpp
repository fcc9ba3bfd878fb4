#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "neurocuda/compiler/compiler.hpp"
#include "neurocuda/conversion/train.hpp"

namespace neurocuda::conversion {

/// How the gradient goes through the spikes.
enum class Gradient {
  none,          ///< no fine-tuning
  rate,          ///< the spiking network runs forward, QCFS's gradient goes back at its mean rates: for many timesteps
  through_time,  ///< back-propagation through time with a surrogate: for few timesteps
};
/// "none", "rate", "bptt". UserError on another name.
Gradient gradient_named(std::string_view name);
std::string_view name_of(Gradient gradient);
/// Through time up to T = 16, none beyond: there is little left to gain, and it costs T times more.
Gradient default_gradient(int timesteps);

/// Of the fine-tuning's loss: see FinetuneOptions.
struct TeacherWeights {
  double rate_matching = 0, distillation = 0;
};
/// Through time rates are matched: an epoch is long, and every neuron is a target. Else the defaults of
/// FinetuneOptions.
TeacherWeights default_weights(Gradient gradient);

struct FinetuneOptions {
  Gradient gradient = Gradient::through_time;
  compiler::LowerOptions lower;  ///< the target: timesteps, bits, input range
  int epochs = 6;
  std::int64_t epoch_images = 0;  ///< images of one epoch, drawn anew for each; 0: all
  std::int64_t batch_size = 128;
  double learning_rate = 0.03;           ///< peak; cosine to 0
  double threshold_learning_rate = 0.1;  ///< of thresholds and v0, as a fraction of learning_rate; they have no decay
  double weight_decay = 5e-4;
  double clip_norm = 5.0;
  /// Through time: the share of the loss that every timestep's logits bear alone (TET); their mean over time bears the
  /// rest.
  double per_timestep = 0;
  double label_weight = 1.0;      ///< as CalibrateOptions has it
  double distillation = 0.5;      ///< weight of KL(ANN || SNN), of every timestep through time
  double time_consistency = 0.2;  ///< weight of KL(mean over time || timestep); through time only
  double synop_weight = 0;        ///< weight of the activity penalty
  /// Weight of the mean relative squared error of the layers' rates against the calibrated QCFS activations: many
  /// targets per image, for few images.
  double rate_matching = 0;
  bool freeze_weights = false;   ///< as CalibrateOptions has it; thresholds and v0 learn
  bool quantize_weights = true;  ///< the loss sees int8-grid weights
  double held_out = 0.1;         ///< fraction of the data kept for choosing the epoch
  std::int64_t score_images = 2000;
  std::int64_t memory_limit = 0;  ///< bytes for one step; 0: half of what is free. Batches are split to fit.
  data::Augmentation augmentation{4, true, 0};
  double average = 0;             ///< as CalibrateOptions has it
  double mixup = 0;               ///< as CalibrateOptions has it
  double cutmix = 0;              ///< as CalibrateOptions has it
  std::int64_t plain_epochs = 0;  ///< as CalibrateOptions has it
  std::uint64_t seed = 0;
  ComputeOptions compute;
  std::filesystem::path checkpoint;
  bool resume = false;
};

struct FinetuneResult {
  ir::Graph graph;  ///< IF graph of the chosen epoch, on the integer grid when the loss saw that
  std::vector<EpochStatistics> epochs;
  std::vector<double> held_out_accuracy;  ///< of the integer Program at T; [0]: before tuning
  int chosen_epoch = 0;                   ///< 0: tuning did not help, the network is as it was given
  double start_handicap = 0;              ///< as CalibrateResult has it; 0 for a calibrated network
  std::int64_t micro_batch = 0;           ///< images per forward pass that the memory allowed
  std::int64_t predicted_bytes = 0;       ///< peak of one such pass
};

/// Fine-tunes a calibrated network at its target T (docs/conversion.md). `qcfs`: batch norms live
/// (CalibrateResult::live; they then follow the currents of the spiking network) or folded; `ann`: the teacher.
/// Weights, biases and thresholds learn, through time v0 as well. The epoch is chosen by the integer Program on a
/// held-out part of the data.
FinetuneResult finetune(const ir::Graph& qcfs, const ir::Graph& ann, const data::Dataset& dataset,
                        const FinetuneOptions& options, Progress& progress = silent_progress());

/// Bytes that one image adds to the peak of a training step: one byte for every neuron and timestep (through time) or
/// the activations (rate), with `rate_matching` the guide's activations beside them, and the largest layer's tensors in
/// flight.
std::int64_t predicted_bytes_per_image(const ir::Graph& if_graph, Gradient gradient, int timesteps,
                                       bool rate_matching = false);

}  // namespace neurocuda::conversion
