#include "data/arrays/npz.hpp"

#include <zip.h>

#include <algorithm>

#include "neurocuda/base/error.hpp"

namespace neurocuda::data {
namespace {

constexpr std::string_view kMagic = "\x93NUMPY";
constexpr std::size_t kMostHeaderBytes = 64 << 10;
constexpr std::size_t kChunk = 1 << 20;
constexpr std::string_view kRemedy = "save it anew with numpy.savez";

/// One member of the archive, read from its beginning to its end.
class Member {
 public:
  Member(zip_t* archive, const std::string& name, std::string file)
      : handle_(zip_fopen(archive, name.c_str(), 0)), file_(std::move(file)) {
    if (!handle_) fail("{}: cannot be read: {}; {}", file_, zip_strerror(archive), kRemedy);
  }
  ~Member() { zip_fclose(handle_); }
  Member(const Member&) = delete;
  Member& operator=(const Member&) = delete;

  void read(void* to, std::size_t count) {
    for (auto* at = static_cast<char*>(to); count > 0;) {
      const zip_int64_t got = zip_fread(handle_, at, count);
      if (got <= 0) refuse();
      at += got;
      count -= static_cast<std::size_t>(got);
    }
  }
  /// The archive's checksum is compared when the end is reached.
  void require_end() {
    char one = 0;
    if (zip_fread(handle_, &one, 1) != 0) refuse();
  }
  std::string text(std::size_t count) {
    std::string result(count, '\0');
    read(result.data(), count);
    return result;
  }
  [[noreturn]] void refuse() const { fail("{}: damaged or cut off; {}", file_, kRemedy); }

 private:
  zip_file_t* handle_;
  std::string file_;
};

std::size_t header_bytes(Member& member, const std::string& file) {
  const std::string start = member.text(8);
  if (!start.starts_with(kMagic)) fail("{}: no numpy array; {}", file, kRemedy);
  const std::string length = member.text(start[6] == 1 ? 2 : 4);
  std::size_t bytes = 0;
  for (std::size_t i = length.size(); i-- > 0;) bytes = bytes << 8 | static_cast<std::uint8_t>(length[i]);
  if (bytes > kMostHeaderBytes) fail("{}: a header of {} bytes; {}", file, bytes, kRemedy);
  return bytes;
}

/// Bytes of the values, or -1 when they are more than most.
std::int64_t bytes_of(const NumpyArray& array, std::int64_t most) {
  std::int64_t bytes = static_cast<std::int64_t>(array.value_bytes);
  for (const std::int64_t extent : array.shape) {
    if (extent != 0 && bytes > most / extent) return -1;
    bytes *= extent;
  }
  return bytes;
}

}  // namespace

struct NpzFile::Archive {
  zip_t* handle = nullptr;
};

NpzFile::NpzFile(const std::filesystem::path& path) : archive_(std::make_unique<Archive>()), name_(path.string()) {
  int code = 0;
  archive_->handle = zip_open(path.c_str(), ZIP_RDONLY, &code);
  if (archive_->handle) return;
  zip_error_t error;
  zip_error_init_with_code(&error, code);
  const std::string why = zip_error_strerror(&error);
  zip_error_fini(&error);
  fail("{}: cannot be read as a .npz file: {}; {}", name_, why, kRemedy);
}

NpzFile::NpzFile(std::span<const std::uint8_t> bytes, std::string name)
    : archive_(std::make_unique<Archive>()), name_(std::move(name)) {
  zip_error_t error;
  zip_error_init(&error);
  zip_source_t* source = zip_source_buffer_create(bytes.data(), bytes.size(), 0, &error);
  if (source) archive_->handle = zip_open_from_source(source, ZIP_RDONLY, &error);
  if (!archive_->handle && source) zip_source_free(source);
  zip_error_fini(&error);
  if (!archive_->handle) fail("{}: cannot be read as a .npz file; {}", name_, kRemedy);
}

NpzFile::~NpzFile() {
  if (archive_ && archive_->handle) zip_discard(archive_->handle);
}

NpzFile::NpzFile(NpzFile&&) noexcept = default;

std::vector<std::string> NpzFile::names() const {
  std::vector<std::string> list;
  const zip_int64_t count = zip_get_num_entries(archive_->handle, 0);
  for (zip_int64_t i = 0; i < count; ++i) {
    const char* name = zip_get_name(archive_->handle, static_cast<zip_uint64_t>(i), 0);
    std::string_view member = name ? name : "";
    if (member.ends_with(".npy")) list.emplace_back(member.substr(0, member.size() - 4));
  }
  return list;
}

bool NpzFile::holds(const std::string& array) const {
  return zip_name_locate(archive_->handle, (array + ".npy").c_str(), 0) >= 0;
}

NumpyArray NpzFile::read(const std::string& array, std::int64_t most_bytes) const {
  const std::string file = fmt::format("{}: {}", name_, array);
  Member member(archive_->handle, array + ".npy", file);
  NumpyArray result = parse_npy_header(member.text(header_bytes(member, file)), file);
  const std::int64_t bytes = bytes_of(result, most_bytes);
  if (bytes < 0) {
    fail("{}: an array of shape {} with {} bytes a value, more than the {} bytes that are read; save a smaller part",
         file, to_string(result.shape), result.value_bytes, most_bytes);
  }
  // A header may claim what it likes: memory grows with what has been read.
  for (auto left = static_cast<std::size_t>(bytes); left > 0;) {
    const std::size_t count = std::min(left, kChunk), begin = result.bytes.size();
    result.bytes.resize(begin + count);
    member.read(result.bytes.data() + begin, count);
    left -= count;
  }
  member.require_end();
  return result;
}

}  // namespace neurocuda::data
