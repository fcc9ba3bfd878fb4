#include "neurocuda/training/train.hpp"

#include "neurocuda/data/at_most.hpp"
#include "neurocuda/network/data_fit.hpp"
#include "neurocuda/network/device.hpp"
#include "neurocuda/network/network.hpp"
#include "neurocuda/training/loader_options.hpp"
#include "neurocuda/training/loop.hpp"

namespace neurocuda::training {
namespace {

/// What libtorch takes for "none".
constexpr std::int64_t kNoIgnoredLabel = -100;

RunIdentity identity(const ir::Graph& graph, const data::Dataset& images, const Settings& settings) {
  RunIdentity identity = identity_of("training", graph, images);
  for (auto& [name, value] :
       settings::list_of(settings, [](settings::Group g) { return g != settings::Group::compute; }))
    identity.emplace_back(std::move(name), std::move(value));
  identity.emplace_back("seed", std::to_string(settings.seed));
  identity.emplace_back("bf16", settings.bf16 ? "true" : "false");
  return identity;
}

data::Augmentation augmentation(const data::Dataset& images, const Settings& settings) {
  const data::Augmentation usual = data::usual_augmentation(images);
  return {settings.crop_padding.value_or(usual.crop_padding), settings.flip.value_or(usual.flip), settings.cutout};
}

}  // namespace

TrainResult train(const ir::Graph& graph, const data::Dataset& images, const Settings& settings,
                  const ResumeFile& state, Progress& progress) {
  settings::validate(settings);
  network::require_fit(graph, images);
  data::require_labels(images, "training");
  const data::Dataset training = data::at_most(images, settings.training_images, settings.seed);
  network::Network network(graph, network::prepare_device({settings.device, settings.threads, settings.bf16}));
  network.set_requires_grad(true);
  Sgd sgd({{network.weights(), settings.learning_rate, settings.weight_decay},
           {network.biases_and_norms(), settings.learning_rate, 0},
           {network.lambdas(), settings.learning_rate, 0}},
          settings.momentum);
  const auto batches =
      training_batches(training,
                       loader_options(graph, training, settings.batch_size, augmentation(training, settings),
                                      settings.seed, settings.threads),
                       network.device());

  network::ForwardOptions forward;
  forward.training = true;
  forward.bf16 = settings.bf16;
  const StepFunction step = [&](const torch::Tensor& batch, const torch::Tensor& labels) {
    const auto logits = network.forward(batch, forward);
    const auto loss =
        torch::cross_entropy_loss(logits, labels, {}, at::Reduction::Mean, kNoIgnoredLabel, settings.label_smoothing);
    loss.backward();
    return StepResult{loss.item<double>(), logits};
  };
  LoopOptions loop;
  loop.task = "train";
  loop.identity = identity(graph, training, settings);
  loop.epochs = settings.epochs;
  loop.seed = settings.seed;
  loop.state = state;
  loop.warmup_epochs = settings.warmup_epochs;
  const LoopResult result = run_epochs(network, sgd, *batches, loop, step, {}, progress);
  return {network.to_graph(), result.epochs};
}

}  // namespace neurocuda::training
