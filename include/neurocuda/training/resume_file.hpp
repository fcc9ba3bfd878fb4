#pragma once

#include <filesystem>

namespace neurocuda::training {

/// Where a training keeps what it needs to go on after an interruption, written after every epoch.
struct ResumeFile {
  std::filesystem::path path;  ///< empty: none is kept
  bool resume = false;         ///< go on from it where it exists
};

}  // namespace neurocuda::training
