#pragma once

#include "onnx/proto.hpp"
#include "onnx/read/budget.hpp"
#include "onnx/read/constant.hpp"
#include "onnx/read/external_data.hpp"

namespace neurocuda::onnx {

/// Extents of a constant. Throws UserError when there are more than 8.
Shape shape_of(const proto::TensorProto& tensor);

/// "FLOAT16", or the number of a type without a name.
std::string type_name(int type);

/// Where the values of constants come from, and what they may take.
struct ConstantSource {
  ExternalData external;
  Budget budget;
};

/// The values of a constant: float16, bfloat16, float32 and float64 as reals, integers of up to 64 bits and truth
/// values as integers; may be empty. `as_real`: integers become reals too, without being widened first. The stored
/// values are counted against the extents, and charged, before anything is allocated. Throws UserError naming the
/// constant: another element type, extents that do not match the data.
Constant read_constant(const proto::TensorProto& tensor, ConstantSource& source, bool as_real = false);

}  // namespace neurocuda::onnx
