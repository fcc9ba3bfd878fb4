#pragma once

#include <torch/torch.h>

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "conversion/selection/score.hpp"
#include "neurocuda/conversion/train.hpp"

namespace neurocuda::conversion {

/// What a run needs to go on: a torch archive, written whole or not at all.
struct Checkpoint {
  std::string fingerprint;  ///< of everything that makes two runs the same run
  int epochs_done = 0;
  std::map<std::string, torch::Tensor> tensors;  ///< parameters, statistics, momenta, best so far
  std::vector<EpochStatistics> epochs;
  std::vector<Score> scores;  ///< on held-out images, so far
};

void save_checkpoint(const Checkpoint& checkpoint, const std::filesystem::path& path);

/// Throws UserError naming the file when it is not a checkpoint, or belongs to a run with another fingerprint.
Checkpoint load_checkpoint(const std::filesystem::path& path, const std::string& fingerprint);

}  // namespace neurocuda::conversion
