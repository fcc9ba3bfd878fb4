#pragma once

#include <cstdint>
#include <vector>

#include "neurocuda/base/tensor.hpp"
#include "onnx/proto.hpp"

namespace neurocuda::onnx {

/// Extents of a constant. Throws UserError when there are more than 8.
Shape shape_of(const proto::TensorProto& tensor);

/// The values of a float32 or float64 constant, the latter rounded. The stored values are counted against the extents
/// before anything is allocated. Throws UserError naming the constant: another element type, extents that do not match
/// the data, an empty tensor, data in another file.
Tensor<float> read_floats(const proto::TensorProto& tensor);

/// The values of an int64, int32 or bool constant of at most 64 elements, flat. Errors as above; may be empty.
std::vector<std::int64_t> read_integers(const proto::TensorProto& tensor);

}  // namespace neurocuda::onnx
