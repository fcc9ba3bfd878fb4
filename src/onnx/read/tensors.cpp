#include "onnx/read/tensors.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <span>

#include "neurocuda/base/error.hpp"
#include "onnx/limits.hpp"
#include "onnx/read/names.hpp"

namespace neurocuda::onnx {
namespace {

static_assert(std::endian::native == std::endian::little, "ONNX raw data is little-endian and is copied as it is");

using Proto = proto::TensorProto;

template <class... Args>
[[noreturn]] void refuse(const Proto& tensor, fmt::format_string<Args...> format, Args&&... args) {
  fail("constant '{}' {}", printable(tensor.name()), fmt::format(format, std::forward<Args>(args)...));
}

/// Whether the extents multiply to `stored`; never overflows, whatever they are.
bool multiplies_to(const Shape& shape, std::int64_t stored) {
  if (std::find(shape.begin(), shape.end(), 0) != shape.end()) return stored == 0;
  std::int64_t count = 1;
  for (const std::int64_t extent : shape) {
    if (count > stored / extent) return false;
    count *= extent;
  }
  return count == stored;
}

void check_extents(const Proto& tensor, const Shape& shape) {
  if (!shape.empty() && *std::min_element(shape.begin(), shape.end()) < 0) {
    refuse(tensor, "has the shape {}, which has a negative extent; export the model again", to_string(shape));
  }
}

void check_count(const Proto& tensor, std::int64_t stored) {
  const Shape shape = shape_of(tensor);
  check_extents(tensor, shape);
  if (!multiplies_to(shape, stored)) {
    refuse(tensor, "has the shape {} but holds {} values; export the model again", to_string(shape), stored);
  }
}

/// Extents beside a 0 are not bounded by the data.
void check_empty(const Proto& tensor, const Shape& shape) {
  constexpr std::int64_t kMost = std::int64_t{1} << 40;
  if (std::ranges::any_of(shape, [](std::int64_t extent) { return extent > kMost; }))
    refuse(tensor, "is empty, shape {}; export the model again", to_string(shape));
}

bool is_external(const Proto& tensor) {
  return tensor.data_location() == Proto::EXTERNAL || tensor.external_data_size() > 0;
}

/// IEEE 754 binary16.
float from_half(std::uint16_t bits) {
  const std::uint32_t sign = static_cast<std::uint32_t>(bits & 0x8000U) << 16;
  const std::uint32_t exponent = (bits >> 10) & 0x1FU;
  const std::uint32_t fraction = bits & 0x3FFU;
  if (exponent == 0) {
    const float value = static_cast<float>(fraction) * 0x1p-24F;
    return sign != 0 ? -value : value;
  }
  const std::uint32_t wide = exponent == 0x1F ? 0xFFU : exponent + (127 - 15);
  return std::bit_cast<float>(sign | (wide << 23) | (fraction << 13));
}

float from_bfloat16(std::uint16_t bits) { return std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 16); }

/// Reads the values of one constant, from raw bytes, from the typed field, or from another file.
class Reader {
 public:
  Reader(const Proto& tensor, ConstantSource& source) : tensor_(tensor), source_(source) {}

  template <class Stored, class To, class Field, class Convert>
  std::vector<To> read(const Field& field, const Convert& convert) {
    if (!is_external(tensor_) && !tensor_.has_raw_data()) {
      check_count(tensor_, field.size());
      std::vector<To> values = reserved<To>(static_cast<std::int64_t>(field.size()));
      for (const auto value : field) values.push_back(convert(static_cast<Stored>(value)));
      return values;
    }
    const std::vector<std::uint8_t> file =
        is_external(tensor_) ? from_file(sizeof(Stored)) : std::vector<std::uint8_t>();
    const std::span<const std::uint8_t> bytes =
        is_external(tensor_)
            ? std::span(file)
            : std::span(reinterpret_cast<const std::uint8_t*>(tensor_.raw_data().data()), tensor_.raw_data().size());
    if (bytes.size() % sizeof(Stored) != 0) {
      refuse(tensor_, "holds {} bytes of {}, not a whole number of values; export the model again", bytes.size(),
             type_name(tensor_.data_type()));
    }
    const std::size_t count = bytes.size() / sizeof(Stored);
    check_count(tensor_, static_cast<std::int64_t>(count));
    std::vector<To> values = reserved<To>(static_cast<std::int64_t>(count));
    if constexpr (std::is_same_v<Stored, To>) {  // nothing to convert
      values.resize(count);
      if (count > 0) std::memcpy(values.data(), bytes.data(), bytes.size());
      return values;
    }
    for (std::size_t i = 0; i < count; ++i) {
      Stored value;
      std::memcpy(&value, bytes.data() + i * sizeof(Stored), sizeof(Stored));
      values.push_back(convert(value));
    }
    return values;
  }

 private:
  template <class To>
  std::vector<To> reserved(std::int64_t count) {
    source_.budget.charge(count * static_cast<std::int64_t>(sizeof(To)));
    std::vector<To> values;
    values.reserve(static_cast<std::size_t>(count));
    return values;
  }

  std::vector<std::uint8_t> from_file(std::size_t element) {
    const Shape shape = shape_of(tensor_);
    check_extents(tensor_, shape);
    const std::int64_t bytes = element_count(shape) * static_cast<std::int64_t>(element);
    std::vector<std::uint8_t> contents = source_.external.read(tensor_, bytes);
    source_.budget.extend(max_parameter_bytes(source_.external.newly_seen()) - max_parameter_bytes(0));
    return contents;
  }

  const Proto& tensor_;
  ConstantSource& source_;
};

/// Integers of every width, as To.
template <class To>
std::optional<std::vector<To>> read_integers(const Proto& tensor, Reader& reader) {
  const auto plain = [](auto value) { return static_cast<To>(value); };
  switch (tensor.data_type()) {
    case Proto::INT64:
      return reader.read<std::int64_t, To>(tensor.int64_data(), plain);
    case Proto::UINT64:
      return reader.read<std::uint64_t, To>(tensor.uint64_data(), plain);
    case Proto::UINT32:
      return reader.read<std::uint32_t, To>(tensor.uint64_data(), plain);
    case Proto::INT32:
      return reader.read<std::int32_t, To>(tensor.int32_data(), plain);
    case Proto::INT16:
      return reader.read<std::int16_t, To>(tensor.int32_data(), plain);
    case Proto::UINT16:
      return reader.read<std::uint16_t, To>(tensor.int32_data(), plain);
    case Proto::INT8:
      return reader.read<std::int8_t, To>(tensor.int32_data(), plain);
    case Proto::UINT8:
      return reader.read<std::uint8_t, To>(tensor.int32_data(), plain);
    case Proto::BOOL:
      return reader.read<std::uint8_t, To>(tensor.int32_data(), [](auto value) { return static_cast<To>(value != 0); });
    default:
      return std::nullopt;
  }
}

std::optional<Constant::Reals> read_reals(const Proto& tensor, Reader& reader) {
  const auto plain = [](auto value) { return static_cast<float>(value); };
  switch (tensor.data_type()) {
    case Proto::FLOAT:
      return reader.read<float, float>(tensor.float_data(), plain);
    case Proto::DOUBLE:
      return reader.read<double, float>(tensor.double_data(), plain);
    case Proto::FLOAT16:
      return reader.read<std::uint16_t, float>(tensor.int32_data(), from_half);
    case Proto::BFLOAT16:
      return reader.read<std::uint16_t, float>(tensor.int32_data(), from_bfloat16);
    default:
      return std::nullopt;
  }
}

}  // namespace

std::string type_name(int type) {
  return Proto::DataType_IsValid(type) ? Proto::DataType_Name(static_cast<Proto::DataType>(type))
                                       : std::to_string(type);
}

Shape shape_of(const Proto& tensor) {
  if (tensor.dims_size() > 8) refuse(tensor, "has {} axes; at most 8 are supported", tensor.dims_size());
  return {tensor.dims().begin(), tensor.dims().end()};
}

Constant read_constant(const Proto& tensor, ConstantSource& source, bool as_real) {
  if (tensor.has_segment()) refuse(tensor, "is stored in segments, which are not supported; save it whole");
  Reader reader(tensor, source);
  const Shape shape = shape_of(tensor);
  const int type = tensor.data_type();
  if (std::ranges::find(shape, 0) != shape.end()) check_empty(tensor, shape);
  if (auto reals = read_reals(tensor, reader)) return {shape, type, *std::move(reals)};
  if (as_real) {
    if (auto reals = read_integers<float>(tensor, reader)) return {shape, type, *std::move(reals)};
  } else if (auto integers = read_integers<std::int64_t>(tensor, reader)) {
    return {shape, type, *std::move(integers)};
  }
  refuse(tensor, "has element type {}, which is not supported; export the model in float32", type_name(type));
}

}  // namespace neurocuda::onnx
