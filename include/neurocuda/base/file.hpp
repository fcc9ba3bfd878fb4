#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace neurocuda {

/// The whole file. UserError when it is missing, not a regular file, or larger than max_bytes.
std::vector<std::uint8_t> read_file(const std::filesystem::path& path, std::int64_t max_bytes);

/// UserError unless it is a regular file (or a link to one): opening a pipe would wait for ever.
void require_regular_file(const std::filesystem::path& path);

/// The file that writing to `path` replaces: symbolic links are followed, also one that points to nothing yet.
/// UserError for what cannot be replaced: a folder, a device, a pipe, a socket, an open file under /proc, a loop of
/// links.
std::filesystem::path followed(const std::filesystem::path& path);

/// Every output goes through here. The file is whole or absent: what is written has no name, or a temporary one in the
/// same folder, until commit() puts it in the place of the old file; without commit() nothing is left. Links stay
/// links, an old file's mode and owner are kept, a new one's come from the umask. Throws UserError: the constructor for
/// a place that cannot be written, write() and commit() when the disk refuses.
class AtomicFile {
 public:
  explicit AtomicFile(std::filesystem::path path);
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  void write(std::string_view bytes);
  /// Flushes to disk and takes the place of the old file.
  void commit();

 private:
  void open();
  void keep_mode();
  void give_name();
  std::filesystem::path free_name() const;
  [[noreturn]] void refuse(int error) const;

  std::filesystem::path path_;       // as it was given, for messages
  std::filesystem::path target_;     // links followed
  std::filesystem::path temporary_;  // empty while the file has no name
  int descriptor_ = -1;
};

/// Writes a whole file by way of AtomicFile.
void write_file(const std::filesystem::path& path, std::string_view contents);

}  // namespace neurocuda
