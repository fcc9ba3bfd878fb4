#pragma once

#include <cstdint>
#include <memory>
#include <variant>
#include <vector>

#include "neurocuda/base/shape.hpp"
#include "onnx/proto.hpp"

namespace neurocuda::onnx {

/// A constant as it is computed with: float32 for real numbers, int64 for integers and truth values.
struct Constant {
  using Reals = std::vector<float>;
  using Integers = std::vector<std::int64_t>;

  Shape shape;
  int type = proto::TensorProto::FLOAT;  ///< as ONNX sees it
  std::variant<Reals, Integers> values;

  bool is_real() const { return std::holds_alternative<Reals>(values); }
  const Reals& reals() const { return std::get<Reals>(values); }
  const Integers& integers() const { return std::get<Integers>(values); }
  std::int64_t size() const {
    return std::visit([](const auto& all) { return static_cast<std::int64_t>(all.size()); }, values);
  }
};

using SharedConstant = std::shared_ptr<const Constant>;

/// One that the file holds, not yet decoded, or one that was computed.
using ConstantRef = std::variant<const proto::TensorProto*, SharedConstant>;

/// Whether ONNX computes with the type as real numbers.
inline bool is_real_type(int type) {
  using T = proto::TensorProto;
  return type == T::FLOAT || type == T::DOUBLE || type == T::FLOAT16 || type == T::BFLOAT16;
}

}  // namespace neurocuda::onnx
