#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "neurocuda/base/report_json.hpp"
#include "neurocuda/conversion/convert.hpp"
#include "neurocuda/metrics/evaluation.hpp"
#include "neurocuda/network/evaluate.hpp"
#include "neurocuda/passes/passes.hpp"
#include "neurocuda/program/bounds.hpp"
#include "neurocuda/verify/verify.hpp"

/// The facts of a run as JSON documents: report::to_json() of what the core reports, with what the command line adds.
/// Keys are part of the command line's contract: snake_case, never renamed.
namespace neurocuda::cli {

using Json = nlohmann::ordered_json;

/// An ANN in float32: the keys of an SNN's evaluation that apply.
Json ann_evaluation_json(const network::FloatEvaluation& evaluation, const ir::Graph& ann, const std::string& data,
                         const std::string& target);
/// Writes the document when a file was asked for; whole or not at all.
void write_json(const std::string& path, const Json& document);

}  // namespace neurocuda::cli
