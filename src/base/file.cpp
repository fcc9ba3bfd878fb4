#include "neurocuda/base/file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>

#include "neurocuda/base/error.hpp"

namespace neurocuda {
namespace fs = std::filesystem;

std::vector<std::uint8_t> read_file(const fs::path& path, std::int64_t max_bytes) {
  std::error_code error;
  if (!fs::exists(path, error)) fail("{}: no such file; check the path", path.string());
  if (!fs::is_regular_file(path, error)) fail("{}: not a regular file; give the path of a file", path.string());
  const auto bytes = static_cast<std::int64_t>(fs::file_size(path, error));
  if (error) fail("{}: cannot be read: {}", path.string(), error.message());
  if (bytes > max_bytes) {
    fail("{}: {} bytes, larger than the {} expected; check that it is the right file", path.string(), bytes, max_bytes);
  }
  std::vector<std::uint8_t> contents(static_cast<std::size_t>(bytes));
  std::ifstream stream(path, std::ios::binary);
  if (!stream.read(reinterpret_cast<char*>(contents.data()), bytes)) {
    fail("{}: cannot be read: {}; check its permissions", path.string(), std::strerror(errno));
  }
  return contents;
}

AtomicFile::AtomicFile(fs::path target) : target_(std::move(target)) {
  std::error_code error;
  if (fs::is_directory(target_, error)) fail("{}: is a folder; give a file name", target_.string());
  std::string pattern = target_.string() + ".XXXXXX.tmp";
  const int descriptor = mkstemps(pattern.data(), 4);
  if (descriptor < 0) {
    fail("{}: cannot be written: {}; choose a folder that exists and is writable", target_.string(),
         std::strerror(errno));
  }
  ::fchmod(descriptor, 0644);
  ::close(descriptor);
  temporary_ = pattern;
}

AtomicFile::~AtomicFile() {
  if (committed_) return;
  std::error_code ignored;
  fs::remove(temporary_, ignored);
}

void AtomicFile::commit() {
  const int descriptor = ::open(temporary_.c_str(), O_RDONLY);
  const bool flushed = descriptor >= 0 && ::fsync(descriptor) == 0;
  if (descriptor >= 0) ::close(descriptor);
  if (!flushed) fail("{}: cannot be written: {}; check the disk", target_.string(), std::strerror(errno));
  std::error_code error;
  fs::rename(temporary_, target_, error);
  if (error) fail("{}: cannot be written: {}", target_.string(), error.message());
  committed_ = true;
}

void write_file(const fs::path& path, std::string_view contents) {
  AtomicFile file(path);
  std::ofstream stream(file.temporary(), std::ios::binary);
  stream.write(contents.data(), static_cast<std::streamsize>(contents.size()));
  stream.close();
  if (!stream) fail("{}: cannot be written: {}; check that the disk has room", path.string(), std::strerror(errno));
  file.commit();
}

}  // namespace neurocuda
