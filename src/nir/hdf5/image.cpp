#include "nir/hdf5/image.hpp"

#include <algorithm>

namespace neurocuda::nir::hdf5 {
namespace {

// Deflate packs 1030 to 1 at best; what is unpacked is held twice for a while; small files get room for their tables.
std::uint64_t memory_limit(std::uint64_t file_bytes) {
  return 2 * std::min<std::uint64_t>(kMaxBytes, 1100 * file_bytes + (1U << 20));
}

}  // namespace

Image::Image(Bytes bytes, std::string_view origin)
    : bytes_(bytes), origin_(origin), memory_(memory_limit(bytes.size())), work_(4 * memory_) {}

Bytes Image::at(std::uint64_t address, std::uint64_t size, std::string_view object) const {
  if (address > bytes_.size() || size > bytes_.size() - address) {
    damaged(object, "points to byte {} of a file of {}", address, bytes_.size());
  }
  return bytes_.subspan(address, size);
}

void Image::take_object(std::string_view object) {
  if (--objects_ < 0) damaged(object, "more than {} objects", kMaxObjects);
}

void Image::take_memory(std::uint64_t bytes, std::string_view object) {
  if (bytes > memory_) damaged(object, "declares {} bytes of data, more than this file can hold", bytes);
  memory_ -= bytes;
}

void Image::take_work(std::uint64_t bytes, std::string_view object) {
  if (bytes > work_) damaged(object, "its pieces overlap or repeat");
  work_ -= bytes;
}

Bytes Cursor::take(std::uint64_t count) {
  if (count > bytes_.size()) image_->damaged(object_, "a structure ends too early");
  const Bytes head = bytes_.first(count);
  bytes_ = bytes_.subspan(count);
  return head;
}

std::uint64_t Cursor::number(int count) {
  const Bytes bytes = take(static_cast<std::uint64_t>(count));
  std::uint64_t value = 0;
  for (int i = count - 1; i >= 0; --i) value = value << 8 | bytes[static_cast<std::size_t>(i)];
  return value;
}

void Cursor::expect(std::string_view signature) {
  const Bytes found = take(signature.size());
  if (!std::equal(found.begin(), found.end(), signature.begin())) {
    image_->damaged(object_, "the structure '{}' is not where it should be", signature);
  }
}

}  // namespace neurocuda::nir::hdf5
