#include "nir/hdf5/filters.hpp"

#include <zlib.h>

namespace neurocuda::nir::hdf5 {
namespace {

std::vector<std::uint8_t> inflate_all(const Image& image, Bytes packed, std::uint64_t unpacked_bytes,
                                      std::string_view object) {
  std::vector<std::uint8_t> unpacked(unpacked_bytes);
  uLongf written = unpacked.size();
  const int status = uncompress(unpacked.data(), &written, packed.data(), packed.size());
  if (status != Z_OK || written != unpacked_bytes) image.damaged(object, "its gzip data cannot be unpacked");
  return unpacked;
}

// Shuffle stores the first bytes of all elements, then all second bytes, and so on; a rest stays as it is.
std::vector<std::uint8_t> unshuffle(const std::vector<std::uint8_t>& shuffled, std::uint64_t element_bytes) {
  const std::uint64_t count = shuffled.size() / element_bytes;
  std::vector<std::uint8_t> plain(shuffled);
  for (std::uint64_t byte = 0; byte < element_bytes; ++byte) {
    for (std::uint64_t i = 0; i < count; ++i) plain[i * element_bytes + byte] = shuffled[byte * count + i];
  }
  return plain;
}

}  // namespace

std::vector<std::uint8_t> unpack_chunk(const Image& image, Bytes packed, const std::vector<Filter>& filters,
                                       std::uint32_t skipped, std::uint64_t unpacked_bytes, std::uint64_t element_bytes,
                                       std::string_view object) {
  std::vector<std::uint8_t> data;
  bool inflated = false;
  for (std::size_t i = filters.size(); i-- > 0;) {
    if (i < 32 && (skipped >> i & 1U) != 0) continue;
    if (filters[i] == Filter::deflate) {
      if (inflated) image.unsupported(object, "is packed twice");
      data = inflate_all(image, data.empty() ? packed : Bytes(data), unpacked_bytes, object);
      inflated = true;
    } else {
      if (data.empty()) data.assign(packed.begin(), packed.end());
      data = unshuffle(data, element_bytes);
    }
  }
  if (data.empty()) data.assign(packed.begin(), packed.end());
  if (data.size() != unpacked_bytes) {
    image.damaged(object, "a chunk has {} bytes; {} are wanted", data.size(), unpacked_bytes);
  }
  return data;
}

}  // namespace neurocuda::nir::hdf5
