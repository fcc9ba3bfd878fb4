#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "neurocuda/base/progress.hpp"
#include "neurocuda/base/tensor.hpp"
#include "neurocuda/data/dataset.hpp"
#include "neurocuda/metrics/evaluation.hpp"
#include "neurocuda/runtime/early_exit.hpp"

namespace neurocuda::metrics {

/// What a network would answer after each timestep.
struct AnswersOverTime {
  Tensor<std::int32_t> classes;  ///< (N, T)
  Tensor<double> leads;          ///< (N, T): runtime::lead()
};

/// Runs the whole data set. `options.timesteps`: T, 0 for the network's own.
AnswersOverTime answers_over_time(const runtime::Executable& executable, const data::Dataset& dataset,
                                  const EvaluateOptions& options = {}, Progress& progress = silent_progress());

/// The smallest margin at which no more than `loss` (a fraction, 0..1) of the images stop with another answer than they
/// would have after T, net of those that stop with a better one where `labels`, (N,), are given: the accuracy, or
/// without labels the agreement, that stopping costs. Infinite where no margin is good enough.
double margin_for(const AnswersOverTime& answers, const std::vector<data::Label>& labels, double loss);

/// A data set run with an early exit.
struct EarlyExitEvaluation {
  std::string rule;           ///< "none", "exact", "margin"
  double margin = 0;          ///< of the margin rule, in logits x timesteps
  double loss = 0;            ///< that the margin was chosen for, a fraction
  double accuracy = 0;        ///< NaN without labels
  double same_answer = 0;     ///< share of the images whose answer is that after T
  double mean_timesteps = 0;  ///< that the images ran
  double images_per_second = 0;
};
template <class Visit>
void visit_fields(const EarlyExitEvaluation& evaluation, const Visit& visit) {
  visit("rule", evaluation.rule);
  visit("margin", evaluation.margin);
  visit("loss", evaluation.loss);
  visit("accuracy", evaluation.accuracy);
  visit("same_answer", evaluation.same_answer);
  visit("mean_timesteps", evaluation.mean_timesteps);
  visit("images_per_second", evaluation.images_per_second);
}

/// Runs the whole data set, stopping images as the rule lets them; null: never, all in one block. `after_all`, one
/// class per image, are the answers after T. What the rule is called is left to the caller.
EarlyExitEvaluation evaluate_early_exit(const runtime::Executable& executable, const data::Dataset& dataset,
                                        const runtime::ExitRule* rule, const std::vector<std::int64_t>& after_all,
                                        const EvaluateOptions& options = {}, Progress& progress = silent_progress());

}  // namespace neurocuda::metrics
