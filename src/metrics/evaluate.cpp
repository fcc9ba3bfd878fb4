#include <algorithm>
#include <utility>

#include "metrics/for_each_batch.hpp"
#include "neurocuda/base/error.hpp"
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
  const std::string task = options.task.empty() ? task_name(executable, timesteps) : options.task;
  for_each_batch(executable.program(), dataset, options.batch_size, task, progress,
                 [&](TensorView<const float> images, std::int64_t begin, std::int64_t end) {
                   evaluation.add(images, data::labels_of(dataset, begin, end));
                 });
  return evaluation.result(dataset.name);
}

Evaluation evaluate(const runtime::Executable& executable, const data::Dataset& dataset, const EvaluateOptions& options,
                    Progress& progress) {
  return std::move(evaluate_timesteps(executable, dataset, {options.timesteps}, options, progress).front());
}

}  // namespace neurocuda::metrics
