#include <bit>
#include <charconv>
#include <cstring>

#include "data/arrays/npz.hpp"
#include "neurocuda/base/error.hpp"

namespace neurocuda::data {
namespace {

/// What stands behind 'key': in the dictionary, spaces left out; empty when there is no such key.
std::string_view value_of(std::string_view text, std::string_view key) {
  const std::string quoted = fmt::format("'{}'", key);
  std::size_t at = text.find(quoted);
  if (at == std::string_view::npos) return {};
  at = text.find_first_not_of(" :", at + quoted.size());
  return at == std::string_view::npos ? std::string_view() : text.substr(at);
}

NumpyArray::Kind kind_of(char code, std::string_view descriptor, std::string_view file) {
  switch (code) {
    case 'u':
    case 'b':
      return NumpyArray::Kind::unsigned_integer;
    case 'i':
      return NumpyArray::Kind::signed_integer;
    case 'f':
      return NumpyArray::Kind::floating;
    case 'O':
      fail("{}: an array of objects (a pickle, which can run any program); save plain numbers, astype('float32')",
           file);
    default:
      fail("{}: an array of type {}; save plain numbers, astype('float32') or astype('uint8')", file, descriptor);
  }
}

/// '<f4', '|u1' and the like.
void read_type(std::string_view value, std::string_view file, NumpyArray& array) {
  const std::size_t end = value.find('\'', 1);
  if (value.empty() || value[0] != '\'' || end == std::string_view::npos || end < 3)
    fail("{}: an array of a compound or unknown type; save plain numbers, astype('float32')", file);
  const std::string_view descriptor = value.substr(1, end - 1);
  array.big_endian = descriptor[0] == '>';
  array.kind = kind_of(descriptor[1], descriptor, file);
  const std::string_view width = descriptor.substr(2);
  const bool floats = array.kind == NumpyArray::Kind::floating;
  if (width == "1" && !floats) {
    array.value_bytes = 1;
  } else if (width == "2" && !floats) {
    array.value_bytes = 2;
  } else if (width == "4") {
    array.value_bytes = 4;
  } else if (width == "8") {
    array.value_bytes = 8;
  } else {
    fail("{}: an array of type {}; save it as float32, float64, uint8 or an integer", file, descriptor);
  }
}

/// "(3, 4)", "(3,)", "()".
void read_shape(std::string_view value, std::string_view file, NumpyArray& array) {
  const std::size_t end = value.find(')');
  if (value.empty() || value[0] != '(' || end == std::string_view::npos) fail("{}: an array without a shape", file);
  const char* at = value.data() + 1;
  const char* last = value.data() + end;
  while (at < last) {
    if (*at == ' ' || *at == ',') {
      ++at;
      continue;
    }
    std::int64_t extent = 0;
    const auto [next, error] = std::from_chars(at, last, extent);
    if (error != std::errc() || extent < 0 || array.shape.size() == 8)
      fail("{}: an array of the shape {}; save it anew", file, value.substr(0, end + 1));
    array.shape.push_back(extent);
    at = next;
  }
}

}  // namespace

NumpyArray parse_npy_header(std::string_view text, std::string_view file) {
  NumpyArray array;
  read_type(value_of(text, "descr"), file, array);
  if (!value_of(text, "fortran_order").starts_with("False"))
    fail("{}: an array in Fortran's order; save numpy.ascontiguousarray of it", file);
  read_shape(value_of(text, "shape"), file, array);
  return array;
}

std::uint64_t NumpyArray::bits(std::int64_t i) const {
  const std::uint8_t* at = bytes.data() + static_cast<std::size_t>(i) * value_bytes;
  std::uint64_t value = 0;
  for (std::size_t b = 0; b < value_bytes; ++b) value = value << 8 | at[big_endian ? b : value_bytes - 1 - b];
  return value;
}

std::int64_t NumpyArray::integer(std::int64_t i) const {
  const std::uint64_t value = bits(i);
  if (kind == Kind::unsigned_integer) return static_cast<std::int64_t>(value);
  const int unused = 64 - 8 * static_cast<int>(value_bytes);
  return static_cast<std::int64_t>(value << unused) >> unused;
}

double NumpyArray::floating(std::int64_t i) const {
  if (value_bytes == 4) return double{std::bit_cast<float>(static_cast<std::uint32_t>(bits(i)))};
  return std::bit_cast<double>(bits(i));
}

}  // namespace neurocuda::data
