#include "neurocuda/conversion/calibrate.hpp"

#include "conversion/calibration/calibration_step.hpp"
#include "conversion/calibration/insert_batch_norms.hpp"
#include "conversion/scoring.hpp"
#include "conversion/stage_options.hpp"
#include "neurocuda/ir/contains.hpp"
#include "neurocuda/network/data_fit.hpp"
#include "neurocuda/network/device.hpp"
#include "neurocuda/passes/passes.hpp"
#include "neurocuda/training/loader_options.hpp"
#include "neurocuda/training/loop.hpp"

namespace neurocuda::conversion {
namespace {

/// What is trained: the ANN with live batch norms, its ReLUs replaced by QCFS.
ir::Graph trainable_start(const ir::Graph& ann, const ir::Graph& folded, const data::Dataset& training,
                          const std::map<std::string, Tensor<float>>& lambdas, const Settings& settings) {
  const ir::Graph graph = ir::contains<ir::BatchNorm2d>(ann)
                              ? ann
                              : insert_batch_norms(folded, training, settings.percentile_images, compute_of(settings));
  return passes::substitute_qcfs(graph, lambdas, *settings.levels);
}

/// What epochs are chosen by: how the network is on `held_out` (nothing, with one image per class), and how it fits
/// `seen`, a part of its training.
training::Score score_of(network::Network& student, const data::Dataset& held_out, const data::Dataset& seen,
                         const network::ForwardOptions& forward, const Settings& settings, Progress& progress) {
  training::Score levels;
  if (held_out.size() > 0) levels = score_float(student, held_out, forward, progress);
  const ProgramScoring scoring{lower_options(settings), settings.mode, settings.synop_weight, settings.threads};
  training::Score score = score_program(student, *forward.grid, held_out, scoring, progress);
  if (held_out.size() > 0)
    score.fit = training::fit_of(score_float(student, seen, forward, progress), levels, held_out.size());
  return score;
}

training::Sgd optimizer(network::Network& student, const Settings& settings) {
  student.set_requires_grad(true);
  return training::Sgd({{student.weights(), settings.learning_rate, settings.weight_decay},
                        {student.biases_and_norms(), settings.learning_rate, 0},
                        {student.lambdas(), settings.lambda_learning_rate, 0}},
                       0.9);
}

training::LoopOptions loop_options(const ir::Graph& ann, const data::Dataset& dataset, std::int64_t scored_images,
                                   const Settings& settings, const training::ResumeFile& state) {
  training::LoopOptions loop;
  loop.task = "calibrate";
  loop.identity = identity_of("calibration", ann, dataset, settings);
  loop.epochs = settings.epochs;
  loop.warmup_epochs = 0.1;
  loop.clip_norm = settings.clip_norm;
  loop.average = settings.average;
  // Averages of one training lie near one another: their accuracies differ by chance where images are few.
  if (settings.average > 0) loop.tied_images = scored_images;
  loop.seed = settings.seed;
  loop.state = state;
  return loop;
}

/// The chosen epoch of a trained network, which stands at it.
CalibrateResult result_of(const network::Network& student, const network::GridOptions& grid,
                          const training::LoopResult& trained) {
  CalibrateResult result{deployable(student, grid), student.to_graph(), trained.epochs, {}, trained.best_epoch, 0};
  for (const training::Score& score : trained.scores) result.held_out_accuracy.push_back(score.accuracy);
  result.start_handicap = trained.scores.front().accuracy - training::handicapped_start(trained.scores).accuracy;
  return result;
}

}  // namespace

CalibrateResult calibrate(const ir::Graph& ann, const data::Dataset& dataset, const Settings& settings,
                          const training::ResumeFile& state, Progress& progress) {
  network::require_fit(ann, dataset);
  const network::ComputeOptions compute = compute_of(settings);
  const ir::Graph folded = passes::fold_batch_norm(ann);
  const auto [seen_in_training, held_out] = data::split(dataset, settings.held_out, settings.seed);
  std::map<std::string, Tensor<float>> lambdas;  // QCFS layers bring theirs
  if (ir::contains<ir::ReLU>(folded)) {
    lambdas = activation_percentiles(folded, seen_in_training, settings.percentile, settings.percentile_images, compute,
                                     progress);
  }
  if (settings.epochs == 0) {
    const ir::Graph start = passes::substitute_qcfs(folded, lambdas, *settings.levels);
    return {start, start, {}, {}, 0};
  }

  const torch::Device device = network::prepare_device(compute);
  network::Network student(trainable_start(ann, folded, seen_in_training, lambdas, settings), device);
  network::Network teacher(folded, device);
  training::Sgd sgd = optimizer(student, settings);
  const auto batches =
      training::training_batches(seen_in_training,
                                 training::loader_options(ann, seen_in_training, settings.batch_size,
                                                          augmentation_of(settings), settings.seed, settings.threads),
                                 device);

  network::ForwardOptions forward;
  forward.bf16 = settings.bf16;
  forward.grid = grid_of(settings);
  CalibrationStep calibration(student, teacher, forward, settings);
  const data::Dataset scored = data::head(held_out, settings.score_images);
  const data::Dataset seen = data::head(seen_in_training, scored.size());
  const training::ScoreFunction score = [&] { return score_of(student, scored, seen, forward, settings, progress); };
  const training::StepFunction step = [&](const auto& images, const auto& labels) {
    return calibration.run(images, labels);
  };
  const training::LoopOptions loop = loop_options(ann, dataset, scored.size(), settings, state);
  return result_of(student, *forward.grid, training::run_epochs(student, sgd, *batches, loop, step, score, progress));
}

ir::Graph on_grid(const ir::Graph& live, const Settings& settings) {
  if (!ir::contains<ir::BatchNorm2d>(live)) return live;
  return deployable(network::Network(live, network::prepare_device(compute_of(settings))), grid_of(settings));
}

}  // namespace neurocuda::conversion
