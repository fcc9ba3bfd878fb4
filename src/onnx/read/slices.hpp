#pragma once

#include "onnx/read/node_importer.hpp"

namespace neurocuda::onnx {

/// What a Slice takes along one axis: `count` elements from `begin` on, each `step` (which may be negative) further.
struct SliceAlong {
  std::size_t axis = 0;
  std::int64_t begin = 0, step = 1, count = 0;
};

/// Starts, ends, axes and steps, attributes up to opset 9, for a value of this shape.
std::vector<SliceAlong> read_slices(NodeImporter& node, const Shape& shape);

}  // namespace neurocuda::onnx
