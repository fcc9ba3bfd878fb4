#include "neurocuda/conversion/calibrate.hpp"

#include <optional>

#include "conversion/batches/mixed_batches.hpp"
#include "conversion/calibration/calibration_step.hpp"
#include "conversion/calibration/insert_batch_norms.hpp"
#include "conversion/calibration/noise.hpp"
#include "conversion/network/contains.hpp"
#include "conversion/network/device.hpp"
#include "conversion/network/network.hpp"
#include "conversion/objective/class_loss.hpp"
#include "conversion/selection/scoring.hpp"
#include "conversion/training/data_fit.hpp"
#include "conversion/training/fingerprint.hpp"
#include "conversion/training/loop.hpp"
#include "neurocuda/base/error.hpp"
#include "neurocuda/compiler/compiler.hpp"
#include "neurocuda/passes/passes.hpp"

namespace neurocuda::conversion {
namespace {

constexpr std::int64_t kNoiseImages = 256;

std::string fingerprint(const ir::Graph& graph, const data::Dataset& dataset, const CalibrateOptions& o) {
  return fmt::format(
      "calibrate {:016x} on {}; T {}{}, L {}, percentile {}, epochs {}, batch {}, rate {}, lambda rate {}, decay {}, "
      "clip {}, noise {} from {}, synops {}, labels {}, distillation {}, frozen {}, grid {} {}/{}, mixup {} {} but {}, "
      "averaged {}, seed {}",
      graph_hash(graph), describe(dataset, o.held_out, o.score_images, o.augmentation), o.timesteps,
      o.mode == program::Mode::exact ? " exact" : "", o.levels, o.percentile, o.epochs, o.batch_size, o.learning_rate,
      o.lambda_learning_rate, o.weight_decay, o.clip_norm, o.noise, o.noise_warmup, o.synop_weight, o.label_weight,
      o.distillation, o.freeze_weights, o.quantize_weights, o.weight_bits, o.input_bits, o.mixup, o.cutmix,
      o.plain_epochs, o.average, o.seed);
}

void check(const CalibrateOptions& options) {
  if (options.levels < 1 || options.levels > 256) fail("--levels {}: must be 1 to 256", options.levels);
  if (options.epochs < 0) fail("--epochs {}: must be 0 or more", options.epochs);
  if (!(options.held_out > 0 && options.held_out < 1)) fail("--held-out {}: must be between 0 and 1", options.held_out);
  require_teacher({options.label_weight, options.distillation}, "--label-weight and --distillation");
}

std::optional<GridOptions> grid_of(const CalibrateOptions& options) {
  if (!options.quantize_weights) return std::nullopt;
  return GridOptions{options.weight_bits, options.input_bits, options.input_absmax};
}

compiler::LowerOptions lower_options(const CalibrateOptions& options) {
  compiler::LowerOptions lower;
  lower.timesteps = options.timesteps;
  lower.weight_bits = options.weight_bits;
  lower.input_bits = options.input_bits;
  lower.input_absmax = options.input_absmax;
  return lower;
}

/// What is trained: the ANN with live batch norms, its ReLUs replaced by QCFS.
ir::Graph trainable_start(const ir::Graph& ann, const ir::Graph& folded, const data::Dataset& training,
                          const std::map<std::string, Tensor<float>>& lambdas, const CalibrateOptions& options) {
  const ir::Graph graph = contains<ir::BatchNorm2d>(ann)
                              ? ann
                              : insert_batch_norms(folded, training, options.percentile_images, options.compute);
  return passes::substitute_qcfs(graph, lambdas, options.levels);
}

std::map<ir::NodeId, double> scaled_noise(Network& student, const data::Dataset& images,
                                          const std::optional<GridOptions>& grid, const CalibrateOptions& options) {
  auto noise = unevenness(student, images, options.timesteps, grid);
  for (auto& [id, sigma] : noise) sigma *= options.noise;
  return noise;
}

/// What epochs are chosen by: how the network is on `held_out` (nothing, with one image per class), and how it fits
/// `seen`, a part of its training.
Score score_of(Network& student, const data::Dataset& held_out, const data::Dataset& seen,
               const ForwardOptions& forward, const CalibrateOptions& options, Progress& progress) {
  Score score, levels;
  if (held_out.size() > 0) levels = score_float(student, held_out, forward, progress);
  if (options.timesteps == 0) {
    score = levels;
  } else {
    const ProgramScoring scoring{lower_options(options), options.mode, options.synop_weight, options.compute.threads};
    score = score_program(student, forward.grid, held_out, scoring, progress);
  }
  if (held_out.size() > 0) score.fit = fit_of(score_float(student, seen, forward, progress), levels, held_out.size());
  return score;
}

Sgd optimizer(Network& student, const CalibrateOptions& options) {
  student.set_requires_grad(true);
  if (options.freeze_weights) student.freeze_weights();
  return Sgd({{student.weights(), options.learning_rate, options.weight_decay},
              {student.biases_and_norms(), options.learning_rate, 0},
              {student.lambdas(), options.lambda_learning_rate, 0}},
             0.9);
}

/// The chosen epoch of a trained network, which stands at it.
CalibrateResult result_of(const Network& student, const std::optional<GridOptions>& grid, const LoopResult& trained) {
  CalibrateResult result{deployable(student, grid), student.to_graph(), trained.epochs, {}, trained.best_epoch, 0};
  for (const Score& score : trained.scores) result.held_out_accuracy.push_back(score.accuracy);
  result.start_handicap = trained.scores.front().accuracy - handicapped_start(trained.scores).accuracy;
  return result;
}

}  // namespace

CalibrateResult calibrate(const ir::Graph& ann, const data::Dataset& dataset, const CalibrateOptions& options,
                          Progress& progress) {
  check(options);
  require_fit(ann, dataset);
  const ir::Graph folded = passes::fold_batch_norm(ann);
  const auto [training, held_out] = data::split(dataset, options.held_out, options.seed);
  std::map<std::string, Tensor<float>> lambdas;  // QCFS layers bring theirs
  if (contains<ir::ReLU>(folded)) {
    lambdas = activation_percentiles(folded, training, options.percentile, options.percentile_images, options.compute,
                                     progress);
  }
  if (options.epochs == 0) {
    const ir::Graph start = passes::substitute_qcfs(folded, lambdas, options.levels);
    return {start, start, {}, {}, 0};
  }

  const torch::Device device = prepare_device(options.compute);
  Network student(trainable_start(ann, folded, training, lambdas, options), device), teacher(folded, device);
  Sgd sgd = optimizer(student, options);
  const auto loader =
      loader_options(ann, training, options.batch_size, options.augmentation, options.seed, options.compute);
  const auto batches =
      mixed_batches(training_batches(training, loader, device), mixing_of(options), class_count(ann), options.seed);

  ForwardOptions forward;
  forward.bf16 = options.compute.bf16;
  forward.grid = grid_of(options);
  CalibrationStep calibration(student, teacher, forward, options);
  const data::Dataset scored = data::head(held_out, options.score_images);
  const data::Dataset seen = data::head(training, scored.size());
  const ScoreFunction score = [&] { return score_of(student, scored, seen, forward, options, progress); };
  LoopOptions loop = loop_options("calibrate", fingerprint(ann, dataset, options), options);
  loop.warmup_epochs = 0.1;
  loop.clip_norm = options.clip_norm;
  loop.average = options.average;
  // Averages of one training lie near one another: their accuracies differ by chance where images are few.
  if (options.average > 0) loop.tied_images = scored.size();
  loop.before_epoch = [&](int epoch) {
    if (options.noise <= 0 || options.timesteps == 0 || epoch < options.noise_warmup * options.epochs) return;
    calibration.set_noise(scaled_noise(student, data::head(held_out, kNoiseImages), forward.grid, options));
  };
  const StepFunction step = [&](const auto& images, const auto& labels) { return calibration.run(images, labels); };
  return result_of(student, forward.grid, run_epochs(student, sgd, *batches, loop, step, score, progress));
}

ir::Graph on_grid(const ir::Graph& live, const CalibrateOptions& options) {
  if (!contains<ir::BatchNorm2d>(live)) return live;
  return deployable(Network(live, prepare_device(options.compute)), grid_of(options));
}

}  // namespace neurocuda::conversion
