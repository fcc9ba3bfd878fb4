#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "neurocuda/conversion/convert.hpp"
#include "neurocuda/metrics/evaluation.hpp"
#include "neurocuda/program/bounds.hpp"
#include "neurocuda/verify/verify.hpp"

/// The facts of a run as text on stdout; the JSON documents hold the same.
namespace neurocuda::cli {

/// "12,345 integrate-and-fire neurons", "12,345 signed integrate-and-fire neurons".
std::string describe_neurons(const program::Program& program);
void print_evaluation(const metrics::Evaluation& evaluation);
/// How often each class was the answer.
struct Answers {
  std::vector<std::string> names;  ///< of the classes; may be empty
  std::vector<std::int64_t> counts;
};
void print_answers(const Answers& answers);
void print_layers(const metrics::Evaluation& evaluation);
/// One line per T.
void print_evaluations(const std::vector<metrics::Evaluation>& evaluations, const std::vector<double>& agreement = {});
void print_verification(const verify::Verification& verification);
void print_stages(const conversion::Conversion& conversion);
/// Layer by layer: clipping, quantisation, unevenness, rounding, and the knob for the largest.
void print_attribution(const conversion::Attribution& attribution);
void print_bounds(const program::Bounds& bounds);
/// One line: whether int32 and float32 are proven to be enough.
void print_bounds_summary(const program::Bounds& bounds);
void print_rounding_summary(const std::vector<compiler::LayerRounding>& rounding);
void print_epochs(const std::vector<training::EpochStatistics>& epochs);
/// "if_integer" -> "IF, integer": the names of the conversion's stages for people.
std::string stage_title(const std::string& stage);

}  // namespace neurocuda::cli
