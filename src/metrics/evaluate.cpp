#include <algorithm>
#include <utility>

#include "neurocuda/base/error.hpp"
#include "neurocuda/base/interrupt.hpp"
#include "neurocuda/metrics/evaluation.hpp"

namespace neurocuda::metrics {
namespace {

void check(const data::Dataset& dataset, const EvaluateOptions& options) {
  if (options.batch_size < 1) fail("evaluate: batch size {}; it must be at least 1", options.batch_size);
  if (dataset.size() == 0) fail("evaluate: {} has no images; give a data set that has", dataset.name);
}

std::string task_name(const runtime::Executable& executable, const std::vector<int>& timesteps) {
  int longest = *std::max_element(timesteps.begin(), timesteps.end());
  if (longest == 0) longest = executable.program().timesteps;
  return fmt::format("evaluate on {}, T = {}", executable.target(), longest);
}

}  // namespace

std::vector<Evaluation> evaluate_timesteps(const runtime::Executable& executable, const data::Dataset& dataset,
                                           const std::vector<int>& timesteps, const EvaluateOptions& options,
                                           Progress& progress) {
  BatchEvaluation evaluation(executable, timesteps, options);
  check(dataset, options);
  const program::Program& program = executable.program();
  const program::InputNode& input = program.input();
  progress.start(options.task.empty() ? task_name(executable, timesteps) : options.task, dataset.size());
  for (std::int64_t begin = 0; begin < dataset.size(); begin += options.batch_size) {
    throw_if_interrupted();
    const std::int64_t end = std::min(dataset.size(), begin + options.batch_size);
    const auto images =
        data::normalized_for(program.nodes.front().shape, dataset, begin, end, input.mean, input.stddev);
    evaluation.add(images.view(), data::labels_of(dataset, begin, end));
    progress.advance(end - begin);
  }
  progress.finish();
  return evaluation.result(dataset.name);
}

Evaluation evaluate(const runtime::Executable& executable, const data::Dataset& dataset, const EvaluateOptions& options,
                    Progress& progress) {
  return std::move(evaluate_timesteps(executable, dataset, {options.timesteps}, options, progress).front());
}

}  // namespace neurocuda::metrics
