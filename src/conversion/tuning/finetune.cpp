#include "neurocuda/conversion/finetune.hpp"

#include <utility>

#include "conversion/batches/mixed_batches.hpp"
#include "conversion/batches/short_epochs.hpp"
#include "conversion/network/contains.hpp"
#include "conversion/network/device.hpp"
#include "conversion/objective/class_loss.hpp"
#include "conversion/selection/scoring.hpp"
#include "conversion/training/data_fit.hpp"
#include "conversion/training/fingerprint.hpp"
#include "conversion/tuning/rebase_norms.hpp"
#include "conversion/tuning/step_memory.hpp"
#include "conversion/tuning/tuning_step.hpp"
#include "neurocuda/base/error.hpp"
#include "neurocuda/passes/passes.hpp"

namespace neurocuda::conversion {
namespace {

// Thresholds must stay positive whatever a step does to them.
constexpr double kSmallestOfStart = 0.05;
constexpr std::int64_t kRebaseImages = 512;

std::string fingerprint(const ir::Graph& graph, const data::Dataset& dataset, const FinetuneOptions& o) {
  return fmt::format(
      "finetune {:016x} on {}; {}, T {}, epochs {} of {}, batch {}, rate {} x {}, decay {}, clip {}, "
      "labels {}, distillation {} {}, frozen {}, per timestep {}, synops {}, rates {}, grid {} {}/{}, mixup {} {} but "
      "{}, "
      "averaged {}, seed {}",
      graph_hash(graph), describe(dataset, o.held_out, o.score_images, o.augmentation), name_of(o.gradient),
      o.lower.timesteps, o.epochs, o.epoch_images, o.batch_size, o.learning_rate, o.threshold_learning_rate,
      o.weight_decay, o.clip_norm, o.label_weight, o.distillation, o.time_consistency, o.freeze_weights, o.per_timestep,
      o.synop_weight, o.rate_matching, o.quantize_weights, o.lower.weight_bits, o.lower.input_bits, o.mixup, o.cutmix,
      o.plain_epochs, o.average, o.seed);
}

void check(const FinetuneOptions& options) {
  if (options.epochs < 0) fail("--tune-epochs {}: must be 0 or more", options.epochs);
  if (!(options.held_out > 0 && options.held_out < 1)) fail("--held-out {}: must be between 0 and 1", options.held_out);
  require_teacher({options.label_weight, options.distillation}, "--label-weight and --tune-distillation");
}

std::vector<torch::Tensor> copies(const std::vector<torch::Tensor>& tensors) {
  std::vector<torch::Tensor> result;
  for (const auto& tensor : tensors) result.push_back(tensor.detach().clone());
  return result;
}

void keep_positive(const std::vector<torch::Tensor>& thresholds, const std::vector<torch::Tensor>& start) {
  const torch::NoGradGuard no_grad;
  for (std::size_t i = 0; i < thresholds.size(); ++i)
    torch::Tensor(thresholds[i]).clamp_(kSmallestOfStart * start[i], std::nullopt);
}

std::optional<GridOptions> grid_of(const FinetuneOptions& options) {
  if (!options.quantize_weights) return std::nullopt;
  return GridOptions{options.lower.weight_bits, options.lower.input_bits, options.lower.input_absmax};
}

/// What is trained: through time, the spiking network; with the rate gradient, the QCFS network that lends it.
Network trainable(const ir::Graph& qcfs, const data::Dataset& training, const FinetuneOptions& options,
                  torch::Device device) {
  const bool through_time = options.gradient == Gradient::through_time;
  Network student(through_time ? passes::substitute_if(qcfs) : qcfs, device);
  if (through_time) {
    ForwardOptions forward;
    forward.timesteps = options.lower.timesteps;
    forward.grid = grid_of(options);
    forward.bf16 = options.compute.bf16;
    rebase_norms(student, data::head(training, kRebaseImages), forward);
  }
  student.set_requires_grad(true);
  if (options.freeze_weights) student.freeze_weights();
  return student;
}

Sgd optimizer(Network& student, const FinetuneOptions& options) {
  const double slow = options.learning_rate * options.threshold_learning_rate;
  return Sgd({{student.weights(), options.learning_rate, options.weight_decay},
              {student.biases_and_norms(), options.learning_rate, 0},
              {student.lambdas(), slow, 0},
              {student.thresholds(), slow, 0},
              {student.initial_membranes(), slow, 0}},
             0.9);
}

std::unique_ptr<TrainingBatches> tuning_batches(const ir::Graph& qcfs, const data::Dataset& training,
                                                const FinetuneOptions& options, torch::Device device) {
  const auto loader =
      loader_options(qcfs, training, options.batch_size, options.augmentation, options.seed, options.compute);
  auto plain = short_epochs(training_batches(training, loader, device), options.epoch_images, loader.batch_size);
  return mixed_batches(std::move(plain), mixing_of(options), class_count(qcfs), options.seed);
}

}  // namespace

FinetuneResult finetune(const ir::Graph& qcfs, const ir::Graph& ann, const data::Dataset& dataset,
                        const FinetuneOptions& options, Progress& progress) {
  check(options);
  require_fit(qcfs, dataset);
  const torch::Device device = prepare_device(options.compute);
  const std::optional<GridOptions> grid = grid_of(options);
  // A folded network is taken as it is: it lies on the grid already, or lowering rounds it.
  const bool live = contains<ir::BatchNorm2d>(qcfs);
  FinetuneResult tuned;
  tuned.graph = passes::substitute_if(live ? deployable(Network(qcfs, device), grid) : qcfs);
  if (options.gradient == Gradient::none || options.epochs == 0) return tuned;

  const auto [training, held_out] = data::split(dataset, options.held_out, options.seed);
  Network student = trainable(qcfs, training, options, device), teacher(passes::fold_batch_norm(ann), device);
  Sgd sgd = optimizer(student, options);
  const auto batches = tuning_batches(qcfs, training, options, device);

  const std::int64_t per_image = predicted_bytes_per_image(passes::substitute_if(qcfs), options.gradient,
                                                           options.lower.timesteps, options.rate_matching > 0);
  tuned.micro_batch = micro_batch(options.batch_size, per_image, options.memory_limit);
  tuned.predicted_bytes = per_image * tuned.micro_batch;
  TuningStep tuning(student, teacher, qcfs, options);
  const auto first_thresholds = copies(student.thresholds());
  const StepFunction step = [&](const torch::Tensor& images, const torch::Tensor& labels) {
    keep_positive(student.thresholds(), first_thresholds);
    return tuning.run_in_parts(images, labels, tuned.micro_batch);
  };
  const data::Dataset scored = data::head(held_out, options.score_images);
  const data::Dataset seen = data::head(training, scored.size());
  const ScoreFunction score = [&] {
    keep_positive(student.thresholds(), first_thresholds);
    const ProgramScoring scoring{options.lower, program::Mode::synchronous, options.synop_weight,
                                 options.compute.threads};
    const auto on = [&](const data::Dataset& images) {
      return score_program(student, grid, images, scoring, progress);
    };
    Score chosen_by = on(scored);
    // Nothing was calibrated: the start may know them all.
    if (!live && scored.size() > 0) chosen_by.fit = fit_of(on(seen), chosen_by, scored.size());
    return chosen_by;
  };
  const std::string task = fmt::format("fine-tune ({}), T = {}", name_of(options.gradient), options.lower.timesteps);
  LoopOptions loop = loop_options(task, fingerprint(qcfs, dataset, options), options);
  loop.warmup_epochs = 0.1;
  loop.clip_norm = options.clip_norm;
  loop.average = options.average;
  // Averages of one training lie near one another: their accuracies differ by chance where images are few.
  if (options.average > 0) loop.tied_images = scored.size();
  const LoopResult result = run_epochs(student, sgd, *batches, loop, step, score, progress);
  tuned.epochs = result.epochs;
  tuned.chosen_epoch = result.best_epoch;
  for (const Score& s : result.scores) tuned.held_out_accuracy.push_back(s.accuracy);
  tuned.start_handicap = result.scores.front().accuracy - handicapped_start(result.scores).accuracy;
  if (tuned.chosen_epoch > 0) tuned.graph = passes::substitute_if(deployable(student, grid));
  return tuned;
}

}  // namespace neurocuda::conversion
