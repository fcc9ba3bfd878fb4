#include "nir/hdf5/chunk_packer.hpp"

#include <zlib.h>

namespace neurocuda::nir::hdf5 {
namespace {

constexpr int kLevel = 4;
constexpr int kWindowBits = 15;
constexpr int kMemoryLevel = 9;

std::vector<std::uint8_t> shuffled(std::span<const std::byte> plain, std::size_t element_bytes) {
  const std::size_t count = plain.size() / element_bytes;
  std::vector<std::uint8_t> planes(plain.size());
  for (std::size_t byte = 0; byte < element_bytes; ++byte) {
    for (std::size_t i = 0; i < count; ++i) {
      planes[byte * count + i] = static_cast<std::uint8_t>(plain[i * element_bytes + byte]);
    }
  }
  return planes;
}

}  // namespace

std::vector<std::uint8_t> pack_chunk(std::span<const std::byte> plain, std::size_t element_bytes) {
  std::vector<std::uint8_t> planes = shuffled(plain, element_bytes);
  z_stream stream{};
  if (deflateInit2(&stream, kLevel, Z_DEFLATED, kWindowBits, kMemoryLevel, Z_RLE) != Z_OK) return {};
  std::vector<std::uint8_t> packed(deflateBound(&stream, planes.size()));
  stream.next_in = planes.data();
  stream.avail_in = static_cast<uInt>(planes.size());
  stream.next_out = packed.data();
  stream.avail_out = static_cast<uInt>(packed.size());
  const int status = deflate(&stream, Z_FINISH);
  packed.resize(status == Z_STREAM_END ? stream.total_out : 0);
  deflateEnd(&stream);
  return packed;
}

}  // namespace neurocuda::nir::hdf5
