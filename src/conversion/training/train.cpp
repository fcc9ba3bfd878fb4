#include "neurocuda/conversion/train.hpp"

#include "conversion/network/device.hpp"
#include "conversion/network/network.hpp"
#include "conversion/training/data_fit.hpp"
#include "conversion/training/fingerprint.hpp"
#include "conversion/training/loop.hpp"
#include "neurocuda/ir/analysis.hpp"
#include "neurocuda/passes/passes.hpp"

namespace neurocuda::conversion {
namespace {

std::string fingerprint(const ir::Graph& graph, const data::Dataset& training, const TrainOptions& o) {
  return fmt::format(
      "train {:016x} on {}; epochs {}, batch {}, rate {}, momentum {}, decay {}, warm-up {}, smoothing {}, crop {}, "
      "flip {}, cutout {}, seed {}, levels {}, lambda {} at {}, grid {}",
      graph_hash(graph), describe(training), o.epochs, o.batch_size, o.learning_rate, o.momentum, o.weight_decay,
      o.warmup_epochs, o.label_smoothing, o.augmentation.crop_padding, o.augmentation.flip, o.augmentation.cutout,
      o.seed, o.levels, o.initial_lambda, o.lambda_learning_rate, o.quantize_weights);
}

/// The same lambda for every channel of every ReLU.
ir::Graph with_qcfs(const ir::Graph& graph, const TrainOptions& options) {
  const auto shapes = ir::infer_shapes(graph);
  std::map<std::string, Tensor<float>> lambdas;
  for (ir::NodeId id = 0; id < graph.size(); ++id) {
    if (graph.node(id).as<ir::ReLU>())
      lambdas[graph.node(id).name] = Tensor<float>({shapes[id][0]}, static_cast<float>(options.initial_lambda));
  }
  return passes::substitute_qcfs(graph, lambdas, options.levels);
}

void check(const TrainOptions& options) {
  if (options.epochs < 1) fail("--epochs {}: must be at least 1", options.epochs);
  if (options.levels < 0 || options.levels > 256) fail("--levels {}: must be 1 to 256", options.levels);
  if (options.levels > 0 && !(options.initial_lambda > 0))
    fail("--initial-lambda {}: must be positive", options.initial_lambda);
}

}  // namespace

TrainResult train(const ir::Graph& graph, const data::Dataset& training, const TrainOptions& options,
                  Progress& progress) {
  require_fit(graph, training);
  check(options);
  const bool qcfs = options.levels > 0;
  Network network(qcfs ? with_qcfs(graph, options) : graph, prepare_device(options.compute));
  network.set_requires_grad(true);
  Sgd sgd({{network.weights(), options.learning_rate, options.weight_decay},
           {network.biases_and_norms(), options.learning_rate, 0},
           {network.lambdas(), options.learning_rate * options.lambda_learning_rate, 0}},
          options.momentum);
  const auto batches = training_batches(
      training,
      loader_options(graph, training, options.batch_size, options.augmentation, options.seed, options.compute),
      network.device());

  ForwardOptions forward;
  forward.training = true;
  forward.bf16 = options.compute.bf16;
  if (qcfs && options.quantize_weights) {
    forward.grid = GridOptions{};
    if (training.is_normalized()) forward.grid->input_absmax = data::channel_absmax(training);
  }
  const auto loss_options = torch::nn::functional::CrossEntropyFuncOptions().label_smoothing(options.label_smoothing);
  const StepFunction step = [&](const torch::Tensor& images, const torch::Tensor& labels) {
    const auto logits = network.forward(images, forward);
    const auto loss = torch::nn::functional::cross_entropy(logits, labels, loss_options);
    loss.backward();
    return StepResult{loss.item<double>(), logits};
  };
  LoopOptions loop = loop_options("train", fingerprint(graph, training, options), options);
  loop.warmup_epochs = options.warmup_epochs;
  const LoopResult result = run_epochs(network, sgd, *batches, loop, step, {}, progress);
  return {network.to_graph(), result.epochs};
}

}  // namespace neurocuda::conversion
