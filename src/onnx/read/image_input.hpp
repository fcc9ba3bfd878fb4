#pragma once

#include <utility>

#include "onnx/read/node_importer.hpp"

namespace neurocuda::onnx {

/// An ONNX value (N, C, L) or (N, C, H, W) that is read as an image (C, H, W) of the graph.
struct ImageInput {
  ir::NodeId node = 0;
  /// Which side of the image each ONNX axis behind the channels is.
  AxisGroup sides;

  /// The layout of an image that an operator makes of it.
  Layout layout() const;
  /// Values along the ONNX sides as (height, width); `missing` along a side that ONNX does not have.
  template <class T>
  std::pair<T, T> along_sides(const std::vector<T>& values, T missing) const {
    std::pair<T, T> result{missing, missing};
    for (std::size_t i = 0; i < sides.size(); ++i)
      (sides[i] == Axis::height ? result.first : result.second) = values[i];
    return result;
  }
};

/// Throws UserError when the value is not one: another number of axes, channels elsewhere, several sides in one axis.
ImageInput as_image(const NodeImporter& node, const Activation& value);

}  // namespace neurocuda::onnx
