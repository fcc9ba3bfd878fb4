#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "neurocuda/neurons/libtorch.hpp"
#include "neurocuda/training/epoch_statistics.hpp"
#include "neurocuda/training/run_identity.hpp"
#include "neurocuda/training/score.hpp"

namespace neurocuda::training {

/// What a run needs to go on: a torch archive and, behind it, its checksum; written whole or not at all.
struct Checkpoint {
  RunIdentity identity;
  int epochs_done = 0;
  std::map<std::string, torch::Tensor> tensors;  ///< parameters, statistics, momenta, best so far
  std::vector<EpochStatistics> epochs;
  std::vector<Score> scores;  ///< on held-out images, so far
};

void save_checkpoint(const Checkpoint& checkpoint, const std::filesystem::path& path);

/// Throws UserError naming the file when it is not a checkpoint or damaged, and what differs when it belongs to another
/// run.
Checkpoint load_checkpoint(const std::filesystem::path& path, const RunIdentity& identity);

}  // namespace neurocuda::training
