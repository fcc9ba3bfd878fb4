#include "onnx/read/tensors.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

#include "neurocuda/base/error.hpp"
#include "onnx/read/names.hpp"

namespace neurocuda::onnx {
namespace {

static_assert(std::endian::native == std::endian::little, "ONNX raw data is little-endian and is copied as it is");

template <class... Args>
[[noreturn]] void refuse(const proto::TensorProto& tensor, fmt::format_string<Args...> format, Args&&... args) {
  fail("constant '{}' {}", printable(tensor.name()), fmt::format(format, std::forward<Args>(args)...));
}

std::string type_name(const proto::TensorProto& tensor) {
  const int type = tensor.data_type();
  return proto::TensorProto::DataType_IsValid(type)
             ? proto::TensorProto::DataType_Name(static_cast<proto::TensorProto::DataType>(type))
             : std::to_string(type);
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

void check_count(const proto::TensorProto& tensor, std::int64_t stored) {
  const Shape shape = shape_of(tensor);
  if (!shape.empty() && *std::min_element(shape.begin(), shape.end()) < 0) {
    refuse(tensor, "has the shape {}, which has a negative extent; export the model again", to_string(shape));
  }
  if (!multiplies_to(shape, stored)) {
    refuse(tensor, "has the shape {} but holds {} values; export the model again", to_string(shape), stored);
  }
}

/// The values as Element, from raw bytes or from the typed field, whichever the file uses.
template <class Element, class Field>
std::vector<Element> read_values(const proto::TensorProto& tensor, const Field& field) {
  if (!tensor.has_raw_data()) {
    check_count(tensor, field.size());
    return std::vector<Element>(field.begin(), field.end());
  }
  const std::string& raw = tensor.raw_data();
  if (raw.size() % sizeof(Element) != 0) {
    refuse(tensor, "holds {} bytes of {}, not a whole number of values; export the model again", raw.size(),
           type_name(tensor));
  }
  check_count(tensor, static_cast<std::int64_t>(raw.size() / sizeof(Element)));
  std::vector<Element> values(raw.size() / sizeof(Element));
  if (!values.empty()) std::memcpy(values.data(), raw.data(), raw.size());
  return values;
}

template <class To, class From>
std::vector<To> converted(const std::vector<From>& values) {
  std::vector<To> result;
  result.reserve(values.size());
  for (const From value : values) result.push_back(static_cast<To>(value));
  return result;
}

void check_storage(const proto::TensorProto& tensor) {
  if (tensor.data_location() == proto::TensorProto::EXTERNAL || tensor.external_data_size() > 0) {
    refuse(tensor, "keeps its values in another file; save the model as one file (onnx.save without external data)");
  }
  if (tensor.has_segment()) refuse(tensor, "is stored in segments, which are not supported; save it whole");
}

}  // namespace

Shape shape_of(const proto::TensorProto& tensor) {
  if (tensor.dims_size() > 8) refuse(tensor, "has {} axes; at most 8 are supported", tensor.dims_size());
  return {tensor.dims().begin(), tensor.dims().end()};
}

Tensor<float> read_floats(const proto::TensorProto& tensor) {
  check_storage(tensor);
  std::vector<float> values;
  if (tensor.data_type() == proto::TensorProto::FLOAT) {
    values = read_values<float>(tensor, tensor.float_data());
  } else if (tensor.data_type() == proto::TensorProto::DOUBLE) {
    values = converted<float>(read_values<double>(tensor, tensor.double_data()));
  } else {
    refuse(tensor, "has element type {}; export the model in float32", type_name(tensor));
  }
  if (values.empty()) refuse(tensor, "is empty, shape {}; export the model again", to_string(shape_of(tensor)));
  return Tensor<float>(shape_of(tensor), std::move(values));
}

std::vector<std::int64_t> read_integers(const proto::TensorProto& tensor) {
  constexpr std::int64_t kMost = 64;
  check_storage(tensor);
  if (static_cast<std::int64_t>(tensor.raw_data().size()) > kMost * 8 || tensor.int64_data_size() > kMost ||
      tensor.int32_data_size() > kMost) {
    refuse(tensor, "has more than the {} integers that a shape or a list of axes may have", kMost);
  }
  switch (tensor.data_type()) {
    case proto::TensorProto::INT64:
      return read_values<std::int64_t>(tensor, tensor.int64_data());
    case proto::TensorProto::INT32:
      return converted<std::int64_t>(read_values<std::int32_t>(tensor, tensor.int32_data()));
    case proto::TensorProto::BOOL:
      return converted<std::int64_t>(read_values<std::uint8_t>(tensor, tensor.int32_data()));
    default:
      refuse(tensor, "has element type {}, not integer; export the model again", type_name(tensor));
  }
}

}  // namespace neurocuda::onnx
