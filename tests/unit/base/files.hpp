#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <string>
#include <vector>

#include "neurocuda/base/error.hpp"
#include "neurocuda/base/file.hpp"

namespace neurocuda::testing {

/// A test with a folder of its own.
class Files : public ::testing::Test {
 protected:
  Files() {
    std::string pattern = ::testing::TempDir() + "neurocuda_files_XXXXXX";
    ensure(mkdtemp(pattern.data()) != nullptr, "a temporary folder is needed");
    folder_ = pattern;
  }
  ~Files() override {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }

  std::vector<std::string> names() const {
    std::vector<std::string> found;
    for (const auto& entry : std::filesystem::directory_iterator(folder_))
      found.push_back(entry.path().filename().string());
    std::sort(found.begin(), found.end());
    return found;
  }
  static std::string text(const std::filesystem::path& path) {
    const auto bytes = read_file(path, 1000);
    return {bytes.begin(), bytes.end()};
  }

  std::filesystem::path folder_;
};

}  // namespace neurocuda::testing
