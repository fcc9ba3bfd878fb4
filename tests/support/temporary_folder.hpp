#pragma once

#include <unistd.h>

#include <filesystem>
#include <string>

namespace neurocuda::testing {

/// An empty folder of its own, removed with all its content at the end.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string pattern = (base() / "neurocuda-XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr) throw std::filesystem::filesystem_error("mkdtemp", std::error_code());
    path_ = pattern;
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path operator/(const std::string& name) const { return path_ / name; }

 private:
  // In memory where there is such a place: files that are flushed to disk take long.
  static std::filesystem::path base() {
    const std::filesystem::path memory = "/dev/shm";
    return access(memory.c_str(), W_OK) == 0 ? memory : std::filesystem::temp_directory_path();
  }

  std::filesystem::path path_;
};

}  // namespace neurocuda::testing
