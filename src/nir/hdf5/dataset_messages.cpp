#include "nir/hdf5/dataset_messages.hpp"

#include <algorithm>

namespace neurocuda::nir::hdf5 {
namespace {

enum Class : int { kFixedPoint = 0, kFloatingPoint = 1, kString = 3, kVariableLength = 9 };

// Position and size of exponent and mantissa, and the exponent's bias.
struct FloatFormat {
  int exponent_at, exponent_bits, mantissa_at, mantissa_bits;
  std::uint32_t bias;
  bool operator==(const FloatFormat&) const = default;
};
constexpr FloatFormat kFloat32{23, 8, 0, 23, 127};
constexpr FloatFormat kFloat64{52, 11, 0, 52, 1023};

// Both number classes start with the position and the number of the bits that count: all of them.
void check_bits(const Image& image, Cursor& properties, std::uint32_t size, std::string_view object) {
  const int offset = properties.u16();
  const int precision = properties.u16();
  if (offset != 0 || precision != static_cast<int>(8 * size)) image.unsupported(object, "its numbers are padded");
}

ElementType integer_type(const Image& image, Cursor& properties, std::uint32_t flags, std::uint32_t size,
                         std::string_view object) {
  if (size != 1 && size != 2 && size != 4 && size != 8) image.unsupported(object, "has integers of {} bytes", size);
  check_bits(image, properties, size, object);
  return {(flags & 0x08) != 0 ? ElementKind::signed_integer : ElementKind::unsigned_integer, size};
}

ElementType float_type(const Image& image, Cursor& properties, std::uint32_t size, std::string_view object) {
  if (size != 4 && size != 8) image.unsupported(object, "has floating-point numbers of {} bytes", size);
  check_bits(image, properties, size, object);
  FloatFormat format{};
  format.exponent_at = properties.u8();
  format.exponent_bits = properties.u8();
  format.mantissa_at = properties.u8();
  format.mantissa_bits = properties.u8();
  format.bias = properties.u32();
  if (format != (size == 4 ? kFloat32 : kFloat64)) image.unsupported(object, "its numbers are not IEEE floating point");
  return {size == 4 ? ElementKind::float32 : ElementKind::float64, size};
}

}  // namespace

Shape read_dataspace(const Image& image, Bytes message, std::string_view object) {
  Cursor cursor(image, message, object);
  const int version = cursor.u8();
  const int rank = cursor.u8();
  cursor.skip(1);
  const int type = cursor.u8();
  if (version != 1 && version != 2) image.damaged(object, "its extents have version {}", version);
  if (version == 2 && type == 2) image.unsupported(object, "holds nothing");
  if (version == 1) cursor.skip(4);
  if (rank > kMaxRank) image.unsupported(object, "has {} dimensions", rank);
  Shape shape;
  std::uint64_t elements = 1;
  for (int axis = 0; axis < rank; ++axis) {
    const std::uint64_t extent = cursor.u64();
    // Extent by extent: a zero further on must not hide a huge one.
    if (extent > kMaxElements || (elements *= std::max<std::uint64_t>(extent, 1)) > kMaxElements) {
      image.damaged(object, "declares more than {} elements", kMaxElements);
    }
    shape.push_back(static_cast<std::int64_t>(extent));
  }
  return shape;
}

ElementType read_datatype(const Image& image, Bytes message, std::string_view object) {
  Cursor cursor(image, message, object);
  const int type = cursor.u8() & 0x0F;
  const std::uint32_t flags = cursor.u8();
  cursor.skip(2);
  const std::uint32_t size = cursor.u32();
  const bool number = type == kFixedPoint || type == kFloatingPoint;
  if (number && (flags & 0x41) != 0) image.unsupported(object, "is not little-endian");
  if (type == kFixedPoint) return integer_type(image, cursor, flags, size, object);
  if (type == kFloatingPoint) return float_type(image, cursor, size, object);
  if (type == kString && size > 0) return {ElementKind::fixed_text, size};
  if (type == kVariableLength && (flags & 0x0F) == 1 && size == 16) return {ElementKind::variable_text, size};
  image.unsupported(object, "holds neither numbers nor text (HDF5 class {})", type);
}

Layout read_layout(const Image& image, Bytes message, std::string_view object) {
  Cursor cursor(image, message, object);
  const int version = cursor.u8();
  if (version != 3) image.unsupported(object, "its data has layout version {}", version);
  const int kind = cursor.u8();
  if (kind == 0) {
    const std::uint16_t bytes = cursor.u16();
    return CompactLayout{cursor.take(bytes)};
  }
  if (kind == 1) {
    const std::uint64_t address = cursor.u64();
    return ContiguousLayout{address, cursor.u64()};
  }
  if (kind != 2) image.unsupported(object, "its data has layout {}", kind);
  ChunkedLayout layout;
  const int rank = cursor.u8() - 1;  // the last extent is the size of an element
  if (rank < 1 || rank > kMaxRank) image.damaged(object, "its chunks have {} dimensions", rank);
  layout.index = cursor.u64();
  for (int axis = 0; axis < rank; ++axis) layout.chunk.push_back(cursor.u32());
  return layout;
}

std::vector<Filter> read_filters(const Image& image, Bytes message, std::string_view object) {
  Cursor cursor(image, message, object);
  const int version = cursor.u8();
  if (version != 1 && version != 2) image.damaged(object, "its list of filters has version {}", version);
  const int count = cursor.u8();
  if (version == 1) cursor.skip(6);
  std::vector<Filter> filters;
  for (int i = 0; i < count; ++i) {
    const std::uint16_t id = cursor.u16();
    if (id != 1 && id != 2) image.unsupported(object, "is packed by HDF5 filter {}", id);
    const std::uint16_t name = version == 1 ? cursor.u16() : 0;
    cursor.skip(2);
    const std::uint16_t values = cursor.u16();
    cursor.skip((name + 7U) / 8 * 8);
    cursor.skip(4U * values + (version == 1 && values % 2 == 1 ? 4U : 0U));
    filters.push_back(static_cast<Filter>(id));
  }
  return filters;
}

}  // namespace neurocuda::nir::hdf5
