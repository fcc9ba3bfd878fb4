#include "metrics/tally.hpp"

#include <algorithm>
#include <chrono>

#include "neurocuda/base/error.hpp"
#include "neurocuda/base/interrupt.hpp"

namespace neurocuda::metrics {
namespace {

void add(Tensor<std::int64_t>& sum, const Tensor<std::int64_t>& part) {
  if (sum.empty()) sum = Tensor<std::int64_t>(part.shape());
  ensure(sum.shape() == part.shape(), "the activity of two batches has different shapes");
  for (std::int64_t i = 0; i < part.size(); ++i) sum[i] += part[i];
}

void add(Tally& tally, const runtime::RunResult& result, const std::vector<int>& timesteps) {
  add(tally.activity.spikes, result.activity.spikes);
  add(tally.activity.synaptic_operations, result.activity.synaptic_operations);
  for (std::size_t i = 0; i < timesteps.size(); ++i) {
    const auto classes = runtime::predictions(result, timesteps[i] - 1);
    tally.predictions[i].insert(tally.predictions[i].end(), classes.begin(), classes.end());
  }
}

void check(const data::Dataset& dataset, const EvaluateOptions& options) {
  if (options.batch_size < 1) fail("evaluate: batch size {}; it must be at least 1", options.batch_size);
  if (dataset.size() == 0) fail("evaluate: {} has no images; give a data set that has", dataset.name);
}

}  // namespace

Tally run_dataset(const runtime::Executable& executable, const data::Dataset& dataset,
                  const std::vector<int>& timesteps, const EvaluateOptions& options, Progress& progress) {
  check(dataset, options);
  const program::Program& program = executable.program();
  const program::InputNode& input = program.input();
  const runtime::RunOptions run{options.timesteps, options.threads, options.mode, runtime::Recording::none};
  Tally tally;
  tally.images = dataset.size();
  tally.predictions.resize(timesteps.size());
  const auto began = std::chrono::steady_clock::now();
  progress.start(fmt::format("evaluate on {}, T = {}", executable.target(), options.timesteps), dataset.size());
  for (std::int64_t begin = 0; begin < dataset.size(); begin += options.batch_size) {
    throw_if_interrupted();
    const std::int64_t end = std::min(dataset.size(), begin + options.batch_size);
    const auto images =
        data::normalized_for(program.nodes.front().shape, dataset, begin, end, input.mean, input.stddev);
    add(tally, executable.run(program::encode(program, images.view()), run), timesteps);
    progress.advance(end - begin);
  }
  progress.finish();
  tally.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  return tally;
}

}  // namespace neurocuda::metrics
