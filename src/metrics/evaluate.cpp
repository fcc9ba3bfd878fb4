#include <algorithm>
#include <utility>

#include "metrics/tally.hpp"
#include "neurocuda/base/error.hpp"

namespace neurocuda::metrics {
namespace {

const char* mode_name(runtime::Mode mode) { return mode == runtime::Mode::exact ? "exact" : "synchronous"; }

std::vector<int> resolve(const program::Program& program, std::vector<int> timesteps, runtime::Mode mode) {
  for (int& t : timesteps) t = runtime::resolve_timesteps(program, {.timesteps = t, .mode = mode});
  return timesteps;
}

/// One run of the largest T, one Evaluation for each.
std::vector<Evaluation> evaluate_together(const runtime::Executable& executable, const data::Dataset& dataset,
                                          const std::vector<int>& timesteps, EvaluateOptions options,
                                          Progress& progress) {
  options.timesteps = *std::max_element(timesteps.begin(), timesteps.end());
  Tally tally = run_dataset(executable, dataset, timesteps, options, progress);
  std::vector<Evaluation> evaluations;
  for (std::size_t i = 0; i < timesteps.size(); ++i) {
    evaluations.push_back(summarize(executable, dataset, tally, timesteps[i], std::move(tally.predictions[i])));
    evaluations.back().mode = mode_name(options.mode);
  }
  return evaluations;
}

}  // namespace

std::vector<Evaluation> evaluate_timesteps(const runtime::Executable& executable, const data::Dataset& dataset,
                                           const std::vector<int>& timesteps, const EvaluateOptions& options,
                                           Progress& progress) {
  // All are checked before the first run: a sweep does not fail half-way.
  const auto resolved = resolve(executable.program(), timesteps, options.mode);
  if (resolved.empty()) fail("evaluate: no timesteps given; give one or more");
  if (options.mode == runtime::Mode::synchronous) {
    return evaluate_together(executable, dataset, resolved, options, progress);
  }
  std::vector<Evaluation> evaluations;
  for (const int t : resolved) {
    auto one = evaluate_together(executable, dataset, {t}, options, progress);
    evaluations.push_back(std::move(one.front()));
  }
  return evaluations;
}

Evaluation evaluate(const runtime::Executable& executable, const data::Dataset& dataset, const EvaluateOptions& options,
                    Progress& progress) {
  return std::move(evaluate_timesteps(executable, dataset, {options.timesteps}, options, progress).front());
}

}  // namespace neurocuda::metrics
