#include "metrics/tally.hpp"

#include <algorithm>
#include <chrono>

#include "neurocuda/base/error.hpp"

namespace neurocuda::metrics {
namespace {

void add(Tensor<std::int64_t>& sum, const Tensor<std::int64_t>& part) {
  if (sum.empty()) sum = Tensor<std::int64_t>(part.shape());
  ensure(sum.shape() == part.shape(), "the activity of two batches has different shapes");
  for (std::int64_t i = 0; i < part.size(); ++i) sum[i] += part[i];
}

void add(Tally& tally, const runtime::RunResult& result, std::span<const std::int64_t> labels) {
  add(tally.activity.spikes, result.activity.spikes);
  add(tally.activity.synaptic_operations, result.activity.synaptic_operations);
  for (std::size_t i = 0; i < tally.timesteps.size(); ++i) {
    const auto classes = runtime::predictions(result, tally.timesteps[i] - 1);
    for (std::size_t image = 0; image < labels.size(); ++image) tally.correct[i] += classes[image] == labels[image];
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
  const int longest = *std::max_element(tally.timesteps.begin(), tally.timesteps.end());
  const auto began = std::chrono::steady_clock::now();
  const auto encoded = program::encode(executable.program(), images);
  const auto result = executable.run(encoded, {longest, options.threads, options.mode, runtime::Recording::none});
  tally.seconds += std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  add(tally, result, labels);
  tally.images += count;
  tally.labelled += labelled;
}

}  // namespace neurocuda::metrics
