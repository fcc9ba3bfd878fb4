#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace neurocuda {

/// The whole file. UserError when it is missing, not a regular file, or larger than max_bytes.
std::vector<std::uint8_t> read_file(const std::filesystem::path& path, std::int64_t max_bytes);

/// A file that is whole or absent: written under a temporary name in the same folder, renamed by commit(),
/// removed by the destructor otherwise. The constructor throws UserError when the folder does not exist or
/// cannot be written.
class AtomicFile {
 public:
  explicit AtomicFile(std::filesystem::path target);
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  /// Where to write. The file exists already, empty.
  const std::filesystem::path& temporary() const { return temporary_; }
  /// Flushes to disk and renames over the target. UserError when the disk refuses.
  void commit();

 private:
  std::filesystem::path target_;
  std::filesystem::path temporary_;
  bool committed_ = false;
};

/// Writes a whole file by way of AtomicFile.
void write_file(const std::filesystem::path& path, std::string_view contents);

}  // namespace neurocuda
