#include "neurocuda/correction/bias_correction.hpp"

#include <algorithm>
#include <cmath>
#include <memory>
#include <utility>

#include "correction/channel_rates.hpp"
#include "neurocuda/base/error.hpp"
#include "neurocuda/data/at_most.hpp"
#include "neurocuda/metrics/evaluation.hpp"
#include "neurocuda/program/bounds.hpp"
#include "neurocuda/program/node_traits.hpp"
#include "neurocuda/runtime/backends.hpp"

namespace neurocuda::correction {
namespace {

using program::IfLayer;
using program::Program;

void check(const Program& program, const data::Dataset& measured, const Settings& settings) {
  settings::validate(settings);
  if (measured.size() == 0) fail("correction: {} has no images; give a data set that has", measured.name);
  if (program.input().encoding != program::InputEncoding::constant_current)
    fail("'{}': takes spike trains; biases are corrected for networks that take images", program.name);
}

runtime::RunOptions run_options(const Settings& settings, program::Mode mode) {
  runtime::RunOptions run;
  run.threads = settings.threads;
  run.mode = mode;
  return run;
}

metrics::Evaluation score_of(const runtime::Executable& executable, const data::Dataset& images,
                             const Settings& settings, Progress& progress) {
  metrics::EvaluateOptions evaluate;
  evaluate.threads = settings.threads;
  evaluate.task = "held-out spikes";
  return metrics::evaluate(executable, images, evaluate, progress);
}

/// The layer whose biases can be moved, or null.
IfLayer* layer_with_biases(program::Node& node) {
  return program::visit_kind(
      node.kind, [](program::InputNode&) -> IfLayer* { return nullptr; },
      [](IfLayer& layer) -> IfLayer* { return &layer; }, [](program::SumPool&) -> IfLayer* { return nullptr; },
      [](program::OrPool&) -> IfLayer* { return nullptr; }, [](program::Accumulator&) -> IfLayer* { return nullptr; });
}

bool has_weights(const IfLayer& layer) {
  return std::any_of(layer.groups.begin(), layer.groups.end(), [](const program::SynapseGroup& group) {
    return !std::holds_alternative<program::Diagonal>(group.connection);
  });
}

/// Moves every bias against the error of its channel's rate.
void move_biases(Program& program, const ChannelRates& now, const ChannelRates& wanted, double step) {
  std::size_t next = 0;
  for (program::Node& node : program.nodes) {
    if (!program::has_neurons(node)) continue;
    const std::size_t index = next++;
    IfLayer* layer = layer_with_biases(node);
    if (!layer || !has_weights(*layer)) continue;
    for (std::size_t c = 0; c < layer->bias.size(); ++c) {
      const double moved = layer->bias[c] - step * (now[index][c] - wanted[index][c]) * layer->theta[c];
      // A bias of a threshold per timestep holds a neuron at either end of its range.
      const double limit = std::max<double>(std::abs(layer->bias[c]), layer->theta[c]);
      layer->bias[c] = static_cast<std::int32_t>(std::llround(std::clamp(moved, -limit, limit)));
    }
  }
}

/// Which round to keep: the earliest best.
int best_round(const std::vector<metrics::Evaluation>& scores, const std::vector<double>& rate_error) {
  if (scores.empty())
    return static_cast<int>(std::min_element(rate_error.begin(), rate_error.end()) - rate_error.begin());
  const auto worse = [](const metrics::Evaluation& a, const metrics::Evaluation& b) {
    return std::pair(a.accuracy, -a.cross_entropy) < std::pair(b.accuracy, -b.cross_entropy);
  };
  return static_cast<int>(std::max_element(scores.begin(), scores.end(), worse) - scores.begin());
}

}  // namespace

BiasCorrection correct_biases(const Program& given, const data::Dataset& measured, const data::Dataset& held_out,
                              const Settings& settings, Progress& progress) {
  check(given, measured, settings);
  Program candidate = given;
  candidate.timesteps = settings.timesteps.value_or(given.timesteps);
  const int timesteps = candidate.timesteps;
  program::require_runnable(given, timesteps, true);
  auto executable = runtime::compile(candidate, "cpu");
  const ChannelRates wanted =
      channel_rates(*executable, measured, settings.batch_size, run_options(settings, program::Mode::exact), progress);
  BiasCorrection result;
  std::vector<Program> programs;
  std::vector<metrics::Evaluation> scores;
  for (int round = 0;; ++round) {
    const auto now = channel_rates(*executable, measured, settings.batch_size,
                                   run_options(settings, program::Mode::synchronous), progress);
    programs.push_back(candidate);
    result.rate_error.push_back(root_mean_square_difference(now, wanted));
    if (held_out.size() > 0 && held_out.labelled()) {
      scores.push_back(score_of(*executable, held_out, settings, progress));
      result.held_out_accuracy.push_back(scores.back().accuracy);
    }
    if (round == settings.rounds) break;
    move_biases(candidate, now, wanted, settings.step);
    if (!program::prove_bounds(candidate, timesteps).fits_int32) break;
    executable = runtime::compile(candidate, "cpu");
  }
  result.chosen_round = best_round(scores, result.rate_error);
  result.program = std::move(programs[static_cast<std::size_t>(result.chosen_round)]);
  return result;
}

BiasCorrection correct_biases(const Program& program, const data::Dataset& training, const Settings& settings,
                              Progress& progress) {
  settings::validate(settings);
  const data::Dataset drawn = data::at_most(training, settings.calibration_images, settings.seed);
  const auto [measured, held_out] = data::split(drawn, settings.held_out, settings.seed);
  return correct_biases(program, data::head(measured, settings.measured_images),
                        data::head(held_out, settings.score_images), settings, progress);
}

}  // namespace neurocuda::correction
