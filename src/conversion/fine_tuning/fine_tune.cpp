#include "neurocuda/conversion/fine_tune.hpp"

#include "conversion/fine_tuning/rebase_norms.hpp"
#include "conversion/fine_tuning/step_memory.hpp"
#include "conversion/fine_tuning/tuning_step.hpp"
#include "conversion/scoring.hpp"
#include "conversion/stage_options.hpp"
#include "neurocuda/ir/contains.hpp"
#include "neurocuda/network/data_fit.hpp"
#include "neurocuda/network/device.hpp"
#include "neurocuda/passes/passes.hpp"
#include "neurocuda/training/loader_options.hpp"
#include "neurocuda/training/loop.hpp"
#include "neurocuda/training/short_epochs.hpp"

namespace neurocuda::conversion {
namespace {

// Thresholds must stay positive whatever a step does to them.
constexpr double kSmallestOfStart = 0.05;
constexpr std::int64_t kRebaseImages = 512;

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

/// What is trained: the spiking network, its batch norms with the statistics of spikes.
network::Network trainable(const ir::Graph& start, const data::Dataset& images, const Settings& settings,
                           torch::Device device) {
  network::Network student(start, device);
  network::ForwardOptions forward;
  forward.timesteps = settings.timesteps;
  forward.grid = grid_of(settings);
  forward.bf16 = settings.bf16;
  rebase_norms(student, data::head(images, kRebaseImages), forward);
  student.set_requires_grad(true);
  return student;
}

training::Sgd tuning_optimizer(network::Network& student, const Settings& settings) {
  const double slow = settings.tune_learning_rate * settings.threshold_learning_rate;
  return training::Sgd({{student.weights(), settings.tune_learning_rate, settings.weight_decay},
                        {student.biases_and_norms(), settings.tune_learning_rate, 0},
                        {student.thresholds(), slow, 0},
                        {student.initial_membranes(), slow, 0}},
                       0.9);
}

training::LoopOptions tuning_loop(const ir::Graph& start, const data::Dataset& dataset, std::int64_t scored_images,
                                  const Settings& settings, const training::ResumeFile& state) {
  training::LoopOptions loop;
  loop.task = fmt::format("fine-tune (bptt), T = {}", settings.timesteps);
  loop.identity = identity_of("fine-tuning", start, dataset, settings);
  loop.epochs = settings.tune_epochs;
  loop.warmup_epochs = 0.1;
  loop.clip_norm = settings.tune_clip_norm;
  loop.average = settings.average;
  // Averages of one training lie near one another: their accuracies differ by chance where images are few.
  if (settings.average > 0) loop.tied_images = scored_images;
  loop.seed = settings.seed;
  loop.state = state;
  return loop;
}

/// A batch, and how many images of it fit into one pass.
void plan_memory(FineTuneResult& tuned, const ir::Graph& start, const Settings& settings) {
  const std::int64_t per_image = predicted_bytes_per_image(start, settings.timesteps, settings.rate_matching > 0);
  tuned.micro_batch = micro_batch(settings.batch_size, per_image, settings.memory_limit);
  tuned.predicted_bytes = per_image * tuned.micro_batch;
}

}  // namespace

FineTuneResult fine_tune(const ir::Graph& start, const ir::Graph& guide, const ir::Graph& ann,
                         const data::Dataset& dataset, const Settings& settings, const training::ResumeFile& state,
                         Progress& progress) {
  network::require_fit(start, dataset);
  const torch::Device device = network::prepare_device(compute_of(settings));
  const network::GridOptions grid = grid_of(settings);
  // A folded network is taken as it is: it lies on the grid already, or lowering rounds it.
  const bool live = ir::contains<ir::BatchNorm2d>(start);
  FineTuneResult tuned;
  tuned.graph = live ? deployable(network::Network(start, device), grid) : start;
  if (settings.tune != FineTuning::bptt || settings.tune_epochs == 0) return tuned;

  const auto [images, held_out] = data::split(dataset, settings.held_out, settings.seed);
  network::Network student = trainable(start, images, settings, device), teacher(passes::fold_batch_norm(ann), device);
  training::Sgd sgd = tuning_optimizer(student, settings);
  const auto loader = training::loader_options(start, images, settings.batch_size, augmentation_of(settings),
                                               settings.seed, settings.threads);
  const auto batches = training::short_epochs(training::training_batches(images, loader, device), settings.tune_images,
                                              loader.batch_size);

  plan_memory(tuned, start, settings);
  TuningStep tuning(student, teacher, guide, settings);
  const auto first_thresholds = copies(student.thresholds());
  const training::StepFunction step = [&](const torch::Tensor& batch, const torch::Tensor& labels) {
    keep_positive(student.thresholds(), first_thresholds);
    return tuning.run_in_parts(batch, labels, tuned.micro_batch);
  };
  const data::Dataset scored = data::head(held_out, settings.score_images);
  const data::Dataset seen = data::head(images, scored.size());
  const training::ScoreFunction score = [&] {
    keep_positive(student.thresholds(), first_thresholds);
    const ProgramScoring scoring{lower_options(settings), settings.mode, settings.synop_weight, settings.threads};
    const auto on = [&](const data::Dataset& part) { return score_program(student, grid, part, scoring, progress); };
    training::Score chosen_by = on(scored);
    // Nothing was calibrated: the start may know them all.
    if (!live && scored.size() > 0) chosen_by.fit = training::fit_of(on(seen), chosen_by, scored.size());
    return chosen_by;
  };
  const training::LoopOptions loop = tuning_loop(start, dataset, scored.size(), settings, state);
  const training::LoopResult result = training::run_epochs(student, sgd, *batches, loop, step, score, progress);
  tuned.epochs = result.epochs;
  tuned.chosen_epoch = result.best_epoch;
  for (const training::Score& s : result.scores) tuned.held_out_accuracy.push_back(s.accuracy);
  tuned.start_handicap = result.scores.front().accuracy - training::handicapped_start(result.scores).accuracy;
  if (tuned.chosen_epoch > 0) tuned.graph = deployable(student, grid);
  return tuned;
}

}  // namespace neurocuda::conversion
