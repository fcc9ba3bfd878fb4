#include "neurocuda/conversion/calibrate.hpp"

#include <optional>

#include "conversion/network/device.hpp"
#include "conversion/network/network.hpp"
#include "conversion/network/weight_grid.hpp"
#include "conversion/stages/distillation.hpp"
#include "conversion/stages/float_pass.hpp"
#include "conversion/training/data_fit.hpp"
#include "conversion/training/fingerprint.hpp"
#include "conversion/training/loop.hpp"
#include "neurocuda/base/error.hpp"
#include "neurocuda/compiler/compiler.hpp"
#include "neurocuda/metrics/evaluation.hpp"
#include "neurocuda/passes/passes.hpp"
#include "neurocuda/runtime/backends.hpp"

namespace neurocuda::conversion {
namespace {

std::string fingerprint(const ir::Graph& graph, const data::Dataset& dataset, const CalibrateOptions& o) {
  return fmt::format(
      "calibrate {:016x} on {}; L {}, percentile {}, epochs {}, batch {}, rate {}, lambda rate {}, decay {}, clip {}, "
      "distillation {}, grid {} {}/{}, seed {}",
      graph_hash(graph), describe(dataset), o.levels, o.percentile, o.epochs, o.batch_size, o.learning_rate,
      o.lambda_learning_rate, o.weight_decay, o.clip_norm, o.distillation, o.quantize_weights, o.weight_bits,
      o.input_bits, o.seed);
}

void check(const CalibrateOptions& options) {
  if (options.levels < 1 || options.levels > 256) fail("--levels {}: must be 1 to 256", options.levels);
  if (options.epochs < 0) fail("--epochs {}: must be 0 or more", options.epochs);
  if (!(options.held_out > 0 && options.held_out < 1))
    fail("held-out fraction {}: must be between 0 and 1", options.held_out);
}

ForwardOptions forward_options(const CalibrateOptions& options) {
  ForwardOptions forward;
  forward.bf16 = options.compute.bf16;
  if (options.quantize_weights)
    forward.grid = GridOptions{options.weight_bits, options.input_bits, options.input_absmax};
  return forward;
}

/// Makes the weights those that the loss saw and the held-out accuracy was measured with.
void snap_to_grid(Network& network, const GridOptions& grid) {
  const torch::NoGradGuard no_grad;
  for (const auto& [id, weight] : WeightGrid(network.graph()).apply(network, grid))
    network.tensors(id).weight.copy_(weight);
}

/// Accuracy of the integer Program that the network would become now.
double program_accuracy(Network& network, const data::Dataset& dataset, const CalibrateOptions& options,
                        Progress& progress) {
  Network snapped(network.to_graph(), network.device());
  if (options.quantize_weights) snap_to_grid(snapped, {options.weight_bits, options.input_bits, options.input_absmax});
  compiler::LowerOptions lower;
  lower.timesteps = options.timesteps;
  lower.weight_bits = options.weight_bits;
  lower.input_bits = options.input_bits;
  lower.input_absmax = options.input_absmax;
  const auto lowered = compiler::lower(passes::substitute_if(snapped.to_graph()), lower);
  metrics::EvaluateOptions evaluate;
  evaluate.threads = options.compute.threads;
  return metrics::evaluate(*runtime::compile(lowered.program, "cpu"), dataset, evaluate, progress).accuracy;
}

}  // namespace

CalibrateResult calibrate(const ir::Graph& folded, const data::Dataset& dataset, const CalibrateOptions& options,
                          Progress& progress) {
  check(options);
  require_fit(folded, dataset);
  const auto [training, held_out] = data::split(dataset, options.held_out, options.seed);
  const auto lambdas = activation_percentiles(folded, training, options.percentile, options.percentile_images,
                                              options.compute, progress);
  const ir::Graph start = passes::substitute_qcfs(folded, lambdas, options.levels);
  if (options.epochs == 0) return {start, {}, {}, 0};

  const torch::Device device = prepare_device(options.compute);
  Network student(start, device), teacher(folded, device);
  student.set_requires_grad(true);
  Sgd sgd({{student.weights(), options.learning_rate, options.weight_decay},
           {student.biases_and_norms(), options.learning_rate, 0},
           {student.lambdas(), options.lambda_learning_rate, 0}},
          0.9);
  data::Loader loader(training, loader_options(folded, training, options.batch_size, options.augmentation, options.seed,
                                               options.compute));

  const ForwardOptions forward = forward_options(options);
  const StepFunction step = [&](const torch::Tensor& images, const torch::Tensor& labels) {
    const auto logits = student.forward(images, forward);
    auto loss = torch::nn::functional::cross_entropy(logits, labels);
    if (options.distillation > 0)
      loss = loss + options.distillation * distillation_loss(logits, teacher, images, options.compute.bf16);
    return StepResult{loss, logits};
  };
  const data::Dataset scored = data::head(held_out, options.score_images);
  const ScoreFunction score = [&] {
    return options.timesteps > 0 ? program_accuracy(student, scored, options, progress)
                                 : accuracy_of(student, scored, forward, progress);
  };
  const LoopOptions loop{"calibrate",        fingerprint(folded, dataset, options),
                         options.epochs,     0.1,
                         options.clip_norm,  options.seed,
                         options.checkpoint, options.resume};
  const LoopResult result = run_epochs(student, sgd, loader, loop, step, score, progress);
  if (forward.grid) snap_to_grid(student, *forward.grid);
  return {student.to_graph(), result.epochs, result.scores, result.best_epoch};
}

}  // namespace neurocuda::conversion
