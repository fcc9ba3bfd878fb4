#pragma once

#include <string>
#include <vector>

#include "cli/json_report.hpp"
#include "neurocuda/data/dataset.hpp"
#include "neurocuda/metrics/early_exit.hpp"

namespace neurocuda::cli {

/// Accuracy over mean timesteps: the whole run, the exact rule, and margins chosen on calibration images.
struct EarlyExitTable {
  std::string chosen_on;  ///< the images and what was asked of them
  std::vector<metrics::EarlyExitEvaluation> rows;
};

/// Runs `test` on an Executable of a network that runs synchronously. Margins are chosen for losses of 0.1 to 1 point
/// of accuracy on `calibration`, without labels of agreement with the answers after T.
EarlyExitTable early_exit_table(const runtime::Executable& executable, const data::Dataset& calibration,
                                const data::Dataset& test, const metrics::EvaluateOptions& options);

void print_early_exit(const EarlyExitTable& table);
Json early_exit_json(const EarlyExitTable& table);

}  // namespace neurocuda::cli
