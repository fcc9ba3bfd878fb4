#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "neurocuda/conversion/convert.hpp"
#include "neurocuda/correction/bias_correction.hpp"
#include "neurocuda/metrics/evaluation.hpp"
#include "neurocuda/passes/passes.hpp"
#include "neurocuda/program/bounds.hpp"
#include "neurocuda/verify/verify.hpp"

/// The facts of a run as JSON documents. Keys are part of the command line's contract: snake_case, never renamed.
namespace neurocuda::cli {

using Json = nlohmann::ordered_json;

Json evaluation_json(const metrics::Evaluation& evaluation);
Json layer_json(const metrics::LayerStatistics& layer);
/// An ANN in float32: the keys of an SNN's evaluation that apply.
Json ann_evaluation_json(const conversion::FloatEvaluation& evaluation, const ir::Graph& ann, const std::string& data,
                         const std::string& target);
Json verification_json(const verify::Verification& verification);
Json divergence_json(const verify::Divergence& divergence);
Json correction_json(const correction::BiasCorrection& correction);
Json conversion_json(const conversion::Conversion& conversion, const std::string& mode);
Json attribution_json(const std::vector<conversion::LayerAttribution>& layers);
Json epochs_json(const std::vector<conversion::EpochStatistics>& epochs);
Json bounds_json(const program::Bounds& bounds, const program::Program& program);
Json rounding_json(const std::vector<compiler::LayerRounding>& rounding);
Json findings_json(const std::vector<passes::Finding>& findings);
const char* verdict_name(passes::Verdict verdict);

/// Writes the document when a file was asked for; whole or not at all.
void write_json(const std::string& path, const Json& document);

}  // namespace neurocuda::cli
