#include "neurocuda/metrics/early_exit.hpp"

#include <algorithm>
#include <chrono>
#include <limits>

#include "metrics/for_each_batch.hpp"
#include "neurocuda/base/error.hpp"

namespace neurocuda::metrics {
namespace {

runtime::RunOptions run_options(const runtime::Executable& executable, const EvaluateOptions& options) {
  runtime::RunOptions run{options.timesteps, options.threads, options.mode};
  run.timesteps = runtime::resolve_timesteps(executable.program(), run);
  return run;
}

/// What image i answers when it stops at the first timestep whose lead is `margin` or more.
std::int32_t answer_at(const AnswersOverTime& answers, std::int64_t i, double margin) {
  const std::int64_t timesteps = answers.classes.extent(1);
  std::int64_t t = 0;
  while (t + 1 < timesteps && answers.leads[i * timesteps + t] < margin) ++t;
  return answers.classes[i * timesteps + t];
}

/// The share of the images that a margin costs.
double cost_of(const AnswersOverTime& answers, const std::vector<data::Label>& labels, double margin) {
  const std::int64_t images = answers.classes.extent(0), timesteps = answers.classes.extent(1);
  std::int64_t lost = 0;
  for (std::int64_t i = 0; i < images; ++i) {
    const std::int32_t now = answer_at(answers, i, margin), at_last = answers.classes[(i + 1) * timesteps - 1];
    if (labels.empty()) {
      lost += now != at_last ? 1 : 0;
    } else {
      const auto label = static_cast<std::int32_t>(labels[static_cast<std::size_t>(i)]);
      lost += (at_last == label ? 1 : 0) - (now == label ? 1 : 0);
    }
  }
  return static_cast<double>(lost) / static_cast<double>(images);
}

}  // namespace

AnswersOverTime answers_over_time(const runtime::Executable& executable, const data::Dataset& dataset,
                                  const EvaluateOptions& options, Progress& progress) {
  runtime::RunOptions run = run_options(executable, options);
  run.wanted.by_timestep = true;
  const program::Program& program = executable.program();
  const std::int64_t timesteps = run.timesteps;
  AnswersOverTime answers{Tensor<std::int32_t>({dataset.size(), timesteps}),
                          Tensor<double>({dataset.size(), timesteps})};
  const auto work = [&](TensorView<const float> images, std::int64_t begin, std::int64_t end) {
    const auto result = executable.run(program::encode(program, images, run.timesteps), run);
    for (std::int64_t i = begin; i < end; ++i) {
      for (std::int64_t t = 0; t < timesteps; ++t) {
        const auto at = result.accumulators(i - begin, t);
        answers.classes[i * timesteps + t] = static_cast<std::int32_t>(runtime::first_class(at));
        answers.leads[i * timesteps + t] = runtime::lead(at, program.output().scale);
      }
    }
  };
  for_each_batch(program, dataset, options.batch_size, options.task, progress, work);
  return answers;
}

double margin_for(const AnswersOverTime& answers, const std::vector<data::Label>& labels, double loss) {
  if (!labels.empty() && std::ssize(labels) != answers.classes.extent(0)) {
    fail("early exit: {} labels for {} images; give one each, or none", labels.size(), answers.classes.extent(0));
  }
  std::vector<double> margins(answers.leads.values().begin(), answers.leads.values().end());
  margins.push_back(0);
  std::sort(margins.begin(), margins.end());
  margins.erase(std::unique(margins.begin(), margins.end()), margins.end());
  // The cost falls with the margin, but not at every step: the last of a few hundred margins that costs more decides.
  constexpr std::size_t kTried = 400;
  const std::size_t step = std::max<std::size_t>(1, margins.size() / kTried);
  double chosen = std::numeric_limits<double>::infinity();
  for (std::size_t i = (margins.size() - 1) / step * step + step; i >= step; i -= step) {
    const double margin = margins[i - step];
    if (cost_of(answers, labels, margin) > loss) break;
    chosen = margin;
  }
  return chosen;
}

EarlyExitEvaluation evaluate_early_exit(const runtime::Executable& executable, const data::Dataset& dataset,
                                        const runtime::ExitRule* rule, const std::vector<std::int64_t>& after_all,
                                        const EvaluateOptions& options, Progress& progress) {
  if (dataset.size() == 0) fail("early exit: {} has no images; give a data set that has", dataset.name);
  const runtime::RunOptions run = run_options(executable, options);
  const program::Program& program = executable.program();
  std::int64_t correct = 0, same = 0, timesteps = 0;
  double seconds = 0;
  const auto work = [&](TensorView<const float> images, std::int64_t begin, std::int64_t end) {
    const auto began = std::chrono::steady_clock::now();
    const auto input = program::encode(program, images, run.timesteps);
    runtime::EarlyExit exit;
    if (rule != nullptr) {
      exit = runtime::run_with_early_exit(executable, input, run, *rule);
    } else {
      exit = {runtime::predictions(executable.run(input, run)),
              std::vector<int>(static_cast<std::size_t>(end - begin), run.timesteps)};
    }
    seconds += std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
    const std::vector<std::int64_t> labels = data::labels_of(dataset, begin, end);
    for (std::size_t i = 0; i < exit.classes.size(); ++i) {
      timesteps += exit.timesteps[i];
      same += exit.classes[i] == after_all.at(static_cast<std::size_t>(begin) + i) ? 1 : 0;
      if (!labels.empty()) correct += exit.classes[i] == labels[i] ? 1 : 0;
    }
  };
  for_each_batch(program, dataset, options.batch_size, options.task, progress, work);
  const auto images = static_cast<double>(dataset.size());
  EarlyExitEvaluation evaluation;
  evaluation.accuracy =
      dataset.labelled() ? static_cast<double>(correct) / images : std::numeric_limits<double>::quiet_NaN();
  evaluation.same_answer = static_cast<double>(same) / images;
  evaluation.mean_timesteps = static_cast<double>(timesteps) / images;
  evaluation.images_per_second = images / seconds;
  return evaluation;
}

}  // namespace neurocuda::metrics
