#include "support/image_bytes.hpp"

#include <turbojpeg.h>

#include <algorithm>
#include <stdexcept>

namespace neurocuda::testing {
namespace {

using Bytes = std::vector<std::uint8_t>;

void append_big(Bytes& bytes, std::uint32_t value) {
  for (int shift = 24; shift >= 0; shift -= 8) bytes.push_back(static_cast<std::uint8_t>(value >> shift));
}

template <class Container>
void append_little(Container& bytes, std::uint64_t value, int count) {
  for (int i = 0; i < count; ++i, value >>= 8)
    bytes.push_back(static_cast<typename Container::value_type>(value & 0xFF));
}

void append_chunk(Bytes& file, const std::string& type, const Bytes& data) {
  append_big(file, static_cast<std::uint32_t>(data.size()));
  Bytes checked(type.begin(), type.end());
  checked.insert(checked.end(), data.begin(), data.end());
  file.insert(file.end(), checked.begin(), checked.end());
  append_big(file, crc32_of(checked));
}

/// A zlib stream of stored blocks.
Bytes stored(const Bytes& raw) {
  Bytes out{0x78, 0x01};
  std::uint32_t a = 1, b = 0;
  for (const std::uint8_t byte : raw) {
    a = (a + byte) % 65521;
    b = (b + a) % 65521;
  }
  for (std::size_t at = 0; at < raw.size() || at == 0;) {
    const std::size_t count = std::min<std::size_t>(raw.size() - at, 65535);
    out.push_back(at + count == raw.size() ? 1 : 0);
    append_little(out, count, 2);
    append_little(out, ~count, 2);
    out.insert(out.end(), raw.begin() + static_cast<std::ptrdiff_t>(at),
               raw.begin() + static_cast<std::ptrdiff_t>(at + count));
    at += std::max<std::size_t>(count, 1);
  }
  append_big(out, b << 16 | a);
  return out;
}

}  // namespace

std::uint32_t crc32_of(const Bytes& bytes, std::uint32_t crc) {
  crc = ~crc;
  for (const std::uint8_t byte : bytes) {
    crc ^= byte;
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ (crc & 1U ? 0xEDB88320U : 0U);
  }
  return ~crc;
}

Bytes png_bytes(int height, int width, int samples, const Bytes& rows, int depth) {
  Bytes file{0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'}, header, raw;
  append_big(header, static_cast<std::uint32_t>(width));
  append_big(header, static_cast<std::uint32_t>(height));
  const std::uint8_t kinds[] = {0, 0, 4, 2, 6};
  for (const int value : {depth, int{kinds[samples]}, 0, 0, 0}) header.push_back(static_cast<std::uint8_t>(value));
  const auto row = static_cast<std::size_t>(width * samples * depth / 8);
  for (std::size_t y = 0; y < static_cast<std::size_t>(height); ++y) {
    raw.push_back(0);  // no filter
    raw.insert(raw.end(), rows.begin() + static_cast<std::ptrdiff_t>(y * row),
               rows.begin() + static_cast<std::ptrdiff_t>((y + 1) * row));
  }
  append_chunk(file, "IHDR", header);
  append_chunk(file, "IDAT", stored(raw));
  append_chunk(file, "IEND", {});
  return file;
}

Bytes jpeg_bytes(int height, int width, const Bytes& pixels, bool grey, bool progressive) {
  const tjhandle coder = tjInitCompress();
  unsigned char* out = nullptr;
  unsigned long size = 0;
  const int failed = tjCompress2(coder, pixels.data(), width, 0, height, grey ? TJPF_GRAY : TJPF_RGB, &out, &size,
                                 grey ? TJSAMP_GRAY : TJSAMP_444, 95, progressive ? TJFLAG_PROGRESSIVE : 0);
  if (failed != 0) throw std::runtime_error(tjGetErrorStr2(coder));
  Bytes bytes(out, out + size);
  tjFree(out);
  tjDestroy(coder);
  return bytes;
}

std::string npy_bytes(const std::string& descr, const std::string& shape, const Bytes& values,
                      const std::string& order) {
  std::string header = "{'descr': '" + descr + "', 'fortran_order': " + order + ", 'shape': " + shape + ", }";
  header.resize((header.size() + 10) / 64 * 64 + 64 - 10 - 1, ' ');
  header += '\n';
  std::string file = "\x93NUMPY\x01";
  file += '\0';
  append_little(file, header.size(), 2);
  return file + header + std::string(values.begin(), values.end());
}

Bytes zip_bytes(const std::vector<std::pair<std::string, std::string>>& members) {
  Bytes file, directory;
  for (const auto& member : members) {
    const auto& name = member.first;  // clang 14 lets no lambda have the parts of a structured binding
    const auto& content = member.second;
    const std::uint32_t crc = crc32_of({content.begin(), content.end()});
    const std::size_t offset = file.size();
    const auto common = [&](Bytes& to) {
      append_little(to, 20, 2);
      append_little(to, 0, 2 + 2 + 2 + 2);  // flags, stored, time, date
      append_little(to, crc, 4);
      append_little(to, content.size(), 4);
      append_little(to, content.size(), 4);
      append_little(to, name.size(), 2);
      append_little(to, 0, 2);
    };
    append_little(file, 0x04034B50, 4);
    common(file);
    file.insert(file.end(), name.begin(), name.end());
    file.insert(file.end(), content.begin(), content.end());
    append_little(directory, 0x02014B50, 4);
    append_little(directory, 20, 2);
    common(directory);
    append_little(directory, 0, 2 + 2 + 2 + 4);
    append_little(directory, offset, 4);
    directory.insert(directory.end(), name.begin(), name.end());
  }
  const std::size_t offset = file.size();
  file.insert(file.end(), directory.begin(), directory.end());
  append_little(file, 0x06054B50, 4);
  append_little(file, 0, 2 + 2);
  append_little(file, members.size(), 2);
  append_little(file, members.size(), 2);
  append_little(file, directory.size(), 4);
  append_little(file, offset, 4);
  append_little(file, 0, 2);
  return file;
}

}  // namespace neurocuda::testing
