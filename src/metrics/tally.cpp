#include "metrics/tally.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>

#include "neurocuda/base/error.hpp"

namespace neurocuda::metrics {
namespace {

void add(Tensor<std::int64_t>& sum, const Tensor<std::int64_t>& part) {
  if (sum.empty()) sum = Tensor<std::int64_t>(part.shape());
  ensure(sum.shape() == part.shape(), "the activity of two batches has different shapes");
  for (std::int64_t i = 0; i < part.size(); ++i) sum[i] += part[i];
}

/// -log softmax(logits)[label] in nats; infinite for a class that the network does not have.
double cross_entropy(const float* logits, std::int64_t classes, std::int64_t label) {
  if (label < 0 || label >= classes) return std::numeric_limits<double>::infinity();
  const double largest = *std::max_element(logits, logits + classes);
  double sum = 0;
  for (std::int64_t c = 0; c < classes; ++c) sum += std::exp(logits[c] - largest);
  return largest + std::log(sum) - logits[label];
}

double total_cross_entropy(const Tensor<float>& logits, std::span<const std::int64_t> labels) {
  double sum = 0;
  const std::int64_t classes = logits.extent(1);
  for (std::size_t image = 0; image < labels.size(); ++image)
    sum += cross_entropy(logits.data() + static_cast<std::int64_t>(image) * classes, classes, labels[image]);
  return sum;
}

void add(Tally& tally, const program::Program& program, const runtime::RunResult& result,
         std::span<const std::int64_t> labels) {
  add(tally.activity.spikes, result.activity().spikes);
  add(tally.activity.synaptic_operations, result.activity().synaptic_operations);
  for (std::size_t i = 0; i < tally.timesteps.size(); ++i) {
    const auto classes = runtime::predictions(result, tally.timesteps[i] - 1);
    for (std::size_t image = 0; image < labels.size(); ++image) tally.correct[i] += classes[image] == labels[image];
    tally.cross_entropy[i] += total_cross_entropy(runtime::logits(program, result, tally.timesteps[i] - 1), labels);
    tally.predictions[i].insert(tally.predictions[i].end(), classes.begin(), classes.end());
  }
}

}  // namespace

void add_batch(Tally& tally, const runtime::Executable& executable, TensorView<const float> images,
               std::span<const std::int64_t> labels, const EvaluateOptions& options) {
  const std::int64_t count = images.shape().empty() ? 0 : images.extent(0);
  const auto labelled = static_cast<std::int64_t>(labels.size());
  if (labelled != 0 && labelled != count) fail("evaluate: {} labels for {} images; give one each", labelled, count);
  tally.predictions.resize(tally.timesteps.size());
  tally.correct.resize(tally.timesteps.size());
  tally.cross_entropy.resize(tally.timesteps.size());
  const int longest = *std::max_element(tally.timesteps.begin(), tally.timesteps.end());
  const bool several = std::any_of(tally.timesteps.begin(), tally.timesteps.end(), [&](int t) { return t != longest; });
  const runtime::Wanted wanted{.by_timestep = several, .counts = true};
  const auto began = std::chrono::steady_clock::now();
  const auto encoded = program::encode(executable.program(), images, longest);
  const auto result = executable.run(encoded, {longest, options.threads, options.mode, wanted});
  tally.seconds += std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  add(tally, executable.program(), result, labels);
  tally.images += count;
  tally.labelled += labelled;
}

}  // namespace neurocuda::metrics
