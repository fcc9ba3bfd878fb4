#include "neurocuda/network/evaluate.hpp"

#include <chrono>
#include <limits>

#include "neurocuda/base/error.hpp"
#include "neurocuda/ir/analysis.hpp"
#include "neurocuda/network/device.hpp"
#include "neurocuda/network/float_pass.hpp"
#include "neurocuda/program/program.hpp"

namespace neurocuda::network {
namespace {

ForwardOptions forward_options(const Network& network, const FloatOptions& options) {
  ForwardOptions forward;
  forward.bf16 = options.compute.bf16;
  forward.mode = options.mode;
  forward.timesteps = options.timesteps;
  if (network.spiking() && (options.timesteps < 1 || options.timesteps > program::kMaxTimesteps)) {
    fail("timesteps {}: a spiking network runs for 1 to {} timesteps", options.timesteps, program::kMaxTimesteps);
  }
  return forward;
}

/// Spikes and opportunities to spike, counted from the outputs of IF nodes.
struct SpikeCounter {
  std::int64_t spikes = 0, slots = 0;
  void count(const torch::Tensor& output) {
    spikes += output.count_nonzero().item<std::int64_t>();
    slots += output.numel();
  }
  double sparsity() const { return slots > 0 ? 1.0 - static_cast<double>(spikes) / static_cast<double>(slots) : 0.0; }
};

torch::Tensor to_batch(const ir::Graph& graph, TensorView<const float> images, torch::Device device) {
  Shape expected = graph.input_operator().shape;
  expected.insert(expected.begin(), images.shape().empty() ? 0 : images.extent(0));
  if (images.shape() != expected)
    fail("images of shape {} do not fit the network, which takes {}", to_string(images.shape()), to_string(expected));
  return to_device(Tensor<float>(images.shape(), {images.data(), images.data() + images.size()}), device);
}

}  // namespace

FloatEvaluation evaluate_float(const ir::Graph& graph, const data::Dataset& dataset, const FloatOptions& options,
                               Progress& progress) {
  Network network(graph, prepare_device(options.compute));
  ForwardOptions forward = forward_options(network, options);
  SpikeCounter counter;
  if (network.spiking()) forward.observe = [&](ir::NodeId, const torch::Tensor& output) { counter.count(output); };

  FloatEvaluation evaluation;
  torch::Tensor correct_at = torch::zeros({std::max(1, network.spiking() ? options.timesteps : 1)}, torch::kInt64);
  const auto began = std::chrono::steady_clock::now();
  progress.start(network.spiking() ? fmt::format("IF float, T = {}", options.timesteps) : "float network",
                 dataset.size());
  for_each_batch(
      network, dataset, forward, float_batch_size(network, options),
      [&](const torch::Tensor& logits, const torch::Tensor& labels) {
        // The arg-max of the sum up to t is that of the mean up to t.
        const auto steps = network.spiking() ? logits.cumsum(0) : logits.unsqueeze(0);
        const auto answers = steps.argmax(2);
        if (dataset.labelled()) correct_at += answers.eq(labels.unsqueeze(0)).sum(1).cpu();
        const auto last = answers[-1].cpu();
        evaluation.predictions.insert(evaluation.predictions.end(), last.data_ptr<std::int64_t>(),
                                      last.data_ptr<std::int64_t>() + last.numel());
      },
      progress);
  progress.finish();

  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  evaluation.images = dataset.size();
  evaluation.correct = correct_at[-1].item<std::int64_t>();
  const auto accuracy = [&](std::int64_t correct) {
    return dataset.labelled() ? static_cast<double>(correct) / static_cast<double>(evaluation.images)
                              : std::numeric_limits<double>::quiet_NaN();
  };
  evaluation.accuracy = accuracy(evaluation.correct);
  evaluation.images_per_second = static_cast<double>(evaluation.images) / std::max(seconds, 1e-9);
  if (network.spiking()) {
    evaluation.sparsity = counter.sparsity();
    for (std::int64_t t = 0; t < correct_at.numel(); ++t) {
      evaluation.accuracy_at.push_back(accuracy(correct_at[t].item<std::int64_t>()));
    }
  }
  return evaluation;
}

data::Dataset labelled_by(const ir::Graph& ann, const data::Dataset& images, const ComputeOptions& compute,
                          Progress& progress) {
  FloatOptions options;
  options.compute = compute;
  data::Dataset labelled = images;
  labelled.labels.clear();
  for (const std::int64_t answer : evaluate_float(ann, images, options, progress).predictions)
    labelled.labels.push_back(static_cast<data::Label>(answer));
  labelled.classes = static_cast<int>(ir::infer_shapes(ann)[ann.output()].at(0));
  return labelled;
}

Tensor<float> run_float(const ir::Graph& graph, TensorView<const float> images, const FloatOptions& options) {
  Network network(graph, prepare_device(options.compute));
  const torch::NoGradGuard no_grad;
  const auto logits = network.forward(to_batch(graph, images, network.device()), forward_options(network, options));
  return from_torch(network.spiking() ? logits.mean(0) : logits);
}

std::vector<Tensor<float>> activation_values(const ir::Graph& graph, TensorView<const float> images,
                                             const FloatOptions& options) {
  Network network(graph, prepare_device(options.compute));
  const torch::NoGradGuard no_grad;
  ForwardOptions forward = forward_options(network, options);
  std::vector<Tensor<float>> values;
  forward.observe = [&](ir::NodeId, const torch::Tensor& output) {
    if (!network.spiking()) return values.push_back(from_torch(output));
    auto shape = output.sizes().vec();
    shape[0] /= options.timesteps;
    shape.insert(shape.begin(), options.timesteps);
    values.push_back(from_torch(output.reshape(shape).mean(0)));
  };
  network.forward(to_batch(graph, images, network.device()), forward);
  return values;
}

}  // namespace neurocuda::network
