#pragma once

#include <CLI/CLI.hpp>
#include <optional>
#include <string>
#include <vector>

#include "cli/page/network_page.hpp"
#include "neurocuda/data/dataset.hpp"
#include "neurocuda/network/evaluate.hpp"
#include "neurocuda/runtime/executable.hpp"

/// What --report FILE needs beyond what a subcommand has measured anyway: accuracy at every T, sample images, a record
/// of spikes.
namespace neurocuda::cli {

/// --report FILE: "" when no page is asked for.
void add_report(CLI::App& app, std::string& path);

/// 1, 2, 4, ... and T itself, ascending.
std::vector<int> report_timesteps(int timesteps);

/// That of each evaluation with the ANN.
std::vector<double> agreements(const network::FloatEvaluation& ann,
                               const std::vector<metrics::Evaluation>& evaluations);

/// Adds what the ANN said of the images: its accuracy, and how often each of the evaluations so far agrees with it.
void add_ann(page::NetworkFacts& facts, const network::FloatEvaluation& ann);

/// Adds the last evaluation so far and one in the other mode at the same T. `evaluate` is how it was run; `ann` has the
/// ANN's answers, or none.
void add_modes(page::NetworkFacts& facts, const runtime::Executable& executable, const data::Dataset& images,
               metrics::EvaluateOptions evaluate, const std::vector<std::int64_t>& ann);

/// Adds sample images: the first of the data set, then some on which the two answers differ. `ann` and `snn` have one
/// answer per image, or none where there is no such network.
void add_samples(page::NetworkFacts& facts, const data::Dataset& images, const std::vector<std::int64_t>& ann,
                 const std::vector<std::int64_t>& snn);

/// Adds the spikes of the first sample, at the T of the last evaluation.
void add_record(page::NetworkFacts& facts, const runtime::Executable& executable, const data::Dataset& images,
                program::Mode mode);

/// Writes the page, whole or not at all.
void write_report(const std::string& path, const page::NetworkFacts& facts);

}  // namespace neurocuda::cli
