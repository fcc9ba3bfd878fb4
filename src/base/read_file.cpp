#include <cerrno>
#include <cstring>
#include <fstream>

#include "neurocuda/base/error.hpp"
#include "neurocuda/base/file.hpp"

namespace neurocuda {
namespace fs = std::filesystem;

void require_regular_file(const fs::path& path) {
  std::error_code error;
  if (!fs::exists(path, error)) fail("{}: no such file; check the path", path.string());
  if (!fs::is_regular_file(path, error)) fail("{}: not a regular file; give the path of a file", path.string());
}

std::vector<std::uint8_t> read_file(const fs::path& path, std::int64_t max_bytes) {
  require_regular_file(path);
  std::error_code error;
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

}  // namespace neurocuda
