#include "nir/hdf5/dataset_reader.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

#include "nir/hdf5/chunks.hpp"
#include "nir/hdf5/dataset_messages.hpp"

namespace neurocuda::nir::hdf5 {
namespace {

static_assert(std::endian::native == std::endian::little, "numbers are copied as they lie in the file");

constexpr std::uint64_t kFewTexts = 64;
constexpr std::uint32_t kLongestOfMany = 1024;

struct DatasetReader {
  Image& image;
  GlobalHeap& heap;
  const ObjectHeader& header;
  std::string_view object;
  Shape shape;
  ElementType type{};
  std::vector<std::uint8_t> unpacked;  // keeps the bytes of a chunked dataset

  Bytes require(MessageType message) const { return header.require(image, message, object); }

  std::uint64_t count() const { return static_cast<std::uint64_t>(element_count(shape)); }

  // All elements as they lie in the file.
  Bytes raw() {
    const std::uint64_t bytes = count() * type.bytes;
    if (bytes == 0) return {};
    const Layout layout = read_layout(image, require(MessageType::layout), object);
    if (const auto* chunked = std::get_if<ChunkedLayout>(&layout)) return chunks(*chunked);
    if (header.has(MessageType::filters)) image.damaged(object, "is packed but not in chunks");
    const auto* compact = std::get_if<CompactLayout>(&layout);
    const auto* contiguous = std::get_if<ContiguousLayout>(&layout);
    if (contiguous != nullptr && contiguous->address == kUndefined) image.damaged(object, "no data was ever written");
    const std::uint64_t stored = compact != nullptr ? compact->data.size() : contiguous->bytes;
    if (stored != bytes) image.damaged(object, "has {} bytes of data; {} are wanted", stored, bytes);
    return compact != nullptr ? compact->data : image.at(contiguous->address, bytes, object);
  }

  Bytes chunks(const ChunkedLayout& layout) {
    std::vector<Filter> filters;
    if (header.has(MessageType::filters)) filters = read_filters(image, require(MessageType::filters), object);
    image.take_memory(count() * type.bytes, object);
    unpacked = read_chunks(image, layout, filters, shape, type.bytes, object);
    return unpacked;
  }

  template <class Stored, class T>
  std::vector<T> numbers() {
    image.take_memory(count() * sizeof(T), object);
    const Bytes bytes = raw();
    std::vector<T> values(count());
    for (std::size_t i = 0; i < values.size(); ++i) {
      Stored value;
      std::memcpy(&value, bytes.data() + i * sizeof(Stored), sizeof(Stored));
      values[i] = static_cast<T>(value);
    }
    return values;
  }

  std::vector<std::int64_t> integers() {
    const bool with_sign = type.kind == ElementKind::signed_integer;
    switch (type.bytes) {
      case 1:
        return with_sign ? numbers<std::int8_t, std::int64_t>() : numbers<std::uint8_t, std::int64_t>();
      case 2:
        return with_sign ? numbers<std::int16_t, std::int64_t>() : numbers<std::uint16_t, std::int64_t>();
      case 4:
        return with_sign ? numbers<std::int32_t, std::int64_t>() : numbers<std::uint32_t, std::int64_t>();
      default:
        break;
    }
    if (!with_sign) image.unsupported(object, "has unsigned integers of 64 bits");
    return numbers<std::int64_t, std::int64_t>();
  }

  std::vector<std::string> texts() {
    image.take_memory(count() * (sizeof(std::string) + type.bytes), object);
    const Bytes bytes = raw();
    std::vector<std::string> values;
    for (std::uint64_t at = 0; at < bytes.size(); at += type.bytes) {
      const Bytes element = bytes.subspan(at, type.bytes);
      values.push_back(type.kind == ElementKind::variable_text ? variable_text(element) : fixed_text(element));
    }
    return values;
  }

  std::string variable_text(Bytes element) {
    Cursor cursor(image, element, object);
    const std::uint32_t length = cursor.u32();
    // Every element may point to the same long text.
    if (count() > kFewTexts && length > kLongestOfMany) image.unsupported(object, "holds a name of {} bytes", length);
    const std::uint64_t address = cursor.u64();
    return heap.text(address, cursor.u32(), length, object);
  }

  static std::string fixed_text(Bytes element) {
    return {element.begin(), std::find(element.begin(), element.end(), std::uint8_t{0})};
  }

  bool is_text() const { return type.kind == ElementKind::fixed_text || type.kind == ElementKind::variable_text; }

  Array::Values values() {
    switch (type.kind) {
      case ElementKind::float32:
        return numbers<float, float>();
      case ElementKind::float64:
        return numbers<double, double>();
      case ElementKind::signed_integer:
      case ElementKind::unsigned_integer:
        return integers();
      default:
        return texts();
    }
  }
};

}  // namespace

Array read_dataset(Image& image, GlobalHeap& heap, const ObjectHeader& header, std::string_view object,
                   const Wanted& wanted) {
  if (header.has(MessageType::external_files)) image.unsupported(object, "its data lies in another file");
  DatasetReader reader{image, heap, header, object, {}, {}, {}};
  reader.shape = read_dataspace(image, reader.require(MessageType::dataspace), object);
  reader.type = read_datatype(image, reader.require(MessageType::datatype), object);
  if (wanted && !wanted(object, reader.shape, reader.is_text())) return {std::move(reader.shape), {}};
  Array::Values values = reader.values();
  return {std::move(reader.shape), std::move(values)};
}

}  // namespace neurocuda::nir::hdf5
