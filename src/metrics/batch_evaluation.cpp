#include <algorithm>
#include <utility>

#include "metrics/tally.hpp"
#include "neurocuda/base/error.hpp"
#include "neurocuda/program/latency.hpp"
#include "neurocuda/program/node_traits.hpp"

namespace neurocuda::metrics {
namespace {

std::vector<int> resolve(const program::Program& program, std::vector<int> timesteps, program::Mode mode) {
  for (int& t : timesteps) t = runtime::resolve_timesteps(program, {.timesteps = t, .mode = mode});
  return timesteps;
}

/// In synchronous mode step t never depends on T, so one run of the largest T serves all; exact mode runs each.
std::vector<Tally> tallies_for(const std::vector<int>& timesteps, program::Mode mode) {
  std::vector<Tally> tallies;
  if (mode == program::Mode::synchronous) {
    tallies.push_back({.timesteps = timesteps});
  } else {
    for (const int t : timesteps) tallies.push_back({.timesteps = {t}});
  }
  return tallies;
}

/// -1, which some data sets give for "unknown", would count as a wrong answer.
void check_labels(std::span<const std::int64_t> labels) {
  const auto wrong = std::find_if(labels.begin(), labels.end(), [](std::int64_t label) { return label < 0; });
  if (wrong != labels.end())
    fail("label {}: classes count from 0; leave such images out, or give the images without labels", *wrong);
}

}  // namespace

struct BatchEvaluation::State {
  const runtime::Executable& executable;
  EvaluateOptions options;
  std::vector<Tally> tallies;
};

BatchEvaluation::BatchEvaluation(const runtime::Executable& executable, const std::vector<int>& timesteps,
                                 const EvaluateOptions& options) {
  if (timesteps.empty()) fail("evaluate: no timesteps given; give one or more");
  // All are checked before the first run: a sweep does not fail half-way.
  const auto resolved = resolve(executable.program(), timesteps, options.mode);
  state_ = std::make_unique<State>(State{executable, options, tallies_for(resolved, options.mode)});
}

BatchEvaluation::~BatchEvaluation() = default;
BatchEvaluation::BatchEvaluation(BatchEvaluation&&) noexcept = default;

void BatchEvaluation::add(TensorView<const float> images, std::span<const std::int64_t> labels) {
  check_labels(labels);
  for (Tally& tally : state_->tallies) add_batch(tally, state_->executable, images, labels, state_->options);
}

std::int64_t BatchEvaluation::images() const { return state_->tallies.front().images; }

std::vector<Evaluation> BatchEvaluation::result(const std::string& data) const {
  if (images() == 0) fail("evaluate: {} has no images; give a data set that has", data);
  std::vector<Evaluation> evaluations;
  for (const Tally& tally : state_->tallies) {
    for (std::size_t i = 0; i < tally.timesteps.size(); ++i) {
      evaluations.push_back(summarize(state_->executable, tally, i));
      evaluations.back().data = data;
      evaluations.back().mode = name_of(state_->options.mode);
      // Nothing is taken back in the exact mode: all of v is there before the first spike.
      evaluations.back().neuron = state_->options.mode == program::Mode::exact
                                      ? name_of(program::NeuronKind::plain)
                                      : name_of(program::neurons_of(state_->executable.program()));
      evaluations.back().latency_timesteps =
          program::latency_timesteps(state_->executable.program(), evaluations.back().timesteps, state_->options.mode);
    }
  }
  return evaluations;
}

}  // namespace neurocuda::metrics
