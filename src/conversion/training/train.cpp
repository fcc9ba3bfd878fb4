#include "neurocuda/conversion/train.hpp"

#include "conversion/network/device.hpp"
#include "conversion/network/network.hpp"
#include "conversion/training/data_fit.hpp"
#include "conversion/training/fingerprint.hpp"
#include "conversion/training/loop.hpp"

namespace neurocuda::conversion {
namespace {

std::string fingerprint(const ir::Graph& graph, const data::Dataset& training, const TrainOptions& o) {
  return fmt::format(
      "train {:016x} on {}; epochs {}, batch {}, rate {}, momentum {}, decay {}, warm-up {}, smoothing {}, crop {}, "
      "flip {}, cutout {}, seed {}",
      graph_hash(graph), describe(training), o.epochs, o.batch_size, o.learning_rate, o.momentum, o.weight_decay,
      o.warmup_epochs, o.label_smoothing, o.augmentation.crop_padding, o.augmentation.flip, o.augmentation.cutout,
      o.seed);
}

}  // namespace

TrainResult train(const ir::Graph& graph, const data::Dataset& training, const TrainOptions& options,
                  Progress& progress) {
  require_fit(graph, training);
  if (options.epochs < 1) fail("--epochs {}: must be at least 1", options.epochs);
  Network network(graph, prepare_device(options.compute));
  network.set_requires_grad(true);
  Sgd sgd({{network.weights(), options.learning_rate, options.weight_decay},
           {network.biases_and_norms(), options.learning_rate, 0}},
          options.momentum);
  data::Loader loader(training, loader_options(graph, training, options.batch_size, options.augmentation, options.seed,
                                               options.compute));

  ForwardOptions forward;
  forward.training = true;
  forward.bf16 = options.compute.bf16;
  const auto loss_options = torch::nn::functional::CrossEntropyFuncOptions().label_smoothing(options.label_smoothing);
  const StepFunction step = [&](const torch::Tensor& images, const torch::Tensor& labels) {
    const auto logits = network.forward(images, forward);
    const auto loss = torch::nn::functional::cross_entropy(logits, labels, loss_options);
    loss.backward();
    return StepResult{loss.item<double>(), logits};
  };
  LoopOptions loop;
  loop.task = "train";
  loop.fingerprint = fingerprint(graph, training, options);
  loop.epochs = options.epochs;
  loop.warmup_epochs = options.warmup_epochs;
  loop.seed = options.seed;
  loop.checkpoint = options.checkpoint;
  loop.resume = options.resume;
  const LoopResult result = run_epochs(network, sgd, loader, loop, step, {}, progress);
  return {network.to_graph(), result.epochs};
}

}  // namespace neurocuda::conversion
