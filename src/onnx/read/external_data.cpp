#include "onnx/read/external_data.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>

#include "neurocuda/base/error.hpp"
#include "onnx/limits.hpp"
#include "onnx/read/names.hpp"

namespace neurocuda::onnx {
namespace fs = std::filesystem;
namespace {

struct Place {
  std::string location;
  std::int64_t offset = 0;
  std::optional<std::int64_t> length;
};

std::int64_t parse_number(const proto::TensorProto& tensor, const proto::StringStringEntryProto& entry) {
  const std::string& text = entry.value();
  std::int64_t value = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value < 0) {
    fail("constant '{}' has the {} '{}' in its file, which is no number of bytes; export the model again",
         printable(tensor.name()), printable(entry.key()), printable(text));
  }
  return value;
}

Place place_of(const proto::TensorProto& tensor) {
  Place place;
  for (const auto& entry : tensor.external_data()) {
    if (entry.key() == "location") place.location = entry.value();
    if (entry.key() == "offset") place.offset = parse_number(tensor, entry);
    if (entry.key() == "length") place.length = parse_number(tensor, entry);
  }
  return place;
}

/// Closes itself.
class OpenFile {
 public:
  explicit OpenFile(const fs::path& path)
      : descriptor_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)) {}
  ~OpenFile() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;

  /// Of a regular file; -1 for everything else.
  std::int64_t size() const {
    struct stat status = {};
    if (descriptor_ < 0 || ::fstat(descriptor_, &status) != 0 || !S_ISREG(status.st_mode)) return -1;
    return status.st_size;
  }
  bool read(std::uint8_t* to, std::int64_t bytes, std::int64_t offset) const {
    while (bytes > 0) {
      const ssize_t count = ::pread(descriptor_, to, static_cast<std::size_t>(bytes), offset);
      if (count < 0 && errno == EINTR) continue;
      if (count <= 0) return false;
      to += count;
      bytes -= count;
      offset += count;
    }
    return true;
  }

 private:
  int descriptor_;
};

}  // namespace

fs::path ExternalData::find(const proto::TensorProto& tensor, const std::string& location) const {
  const std::string name = printable(tensor.name());
  if (!folder_)
    fail("constant '{}' lies in the file '{}' beside the model; give the path of the model instead of its bytes", name,
         printable(location));
  const fs::path relative(location);
  const bool leaves = relative.is_absolute() || std::ranges::find(relative, fs::path("..")) != relative.end();
  if (location.empty() || location.find('\0') != std::string::npos || leaves)
    fail("constant '{}' lies in '{}'; only files in the folder of the model are read", name, printable(location));
  std::error_code error;
  const fs::path file = fs::canonical(*folder_ / relative, error);
  if (error) {
    fail("constant '{}' lies in '{}', which cannot be read; keep that file beside the model", name,
         printable((*folder_ / relative).string()));
  }
  const fs::path inside = file.lexically_relative(fs::canonical(*folder_, error));
  if (error || inside.empty() || *inside.begin() == "..")
    fail("constant '{}' lies in '{}', a link that leaves the folder of the model; copy the file there", name,
         printable(location));
  return file;
}

std::vector<std::uint8_t> ExternalData::read(const proto::TensorProto& tensor, std::int64_t bytes) {
  const Place place = place_of(tensor);
  const fs::path path = find(tensor, place.location);
  const std::string name = printable(tensor.name());
  const std::string shown = printable(path.string());
  const OpenFile file(path);
  const std::int64_t size = file.size();
  if (size < 0) fail("constant '{}' lies in '{}', which is no file that can be read", name, shown);
  if (place.length && *place.length != bytes) {
    fail("constant '{}' takes {} bytes, but {} in '{}'; export the model again", name, bytes, *place.length, shown);
  }
  if (place.offset > size || bytes > size - place.offset) {
    fail("constant '{}' takes {} bytes from byte {} of '{}', which has only {}; copy the whole file", name, bytes,
         place.offset, shown, size);
  }
  if (seen_.insert(path).second) {
    newly_seen_ += size;
    total_ += size;
  }
  if (total_ > kMaxFileBytes) {
    fail("'{}' makes {} bytes beside the model, more than the {} that are read; check that it is the right file", shown,
         total_, kMaxFileBytes);
  }
  std::vector<std::uint8_t> contents(static_cast<std::size_t>(bytes));
  if (!file.read(contents.data(), bytes, place.offset)) fail("constant '{}': '{}' cannot be read", name, shown);
  return contents;
}

}  // namespace neurocuda::onnx
