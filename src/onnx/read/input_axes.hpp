#pragma once

#include "onnx/read/layout.hpp"
#include "onnx/read/uses.hpp"

namespace neurocuda::onnx {

/// How the input lies over the image.
struct InputAxes {
  Shape image;  ///< (C, H, W) or (C,)
  Layout layout;
};

/// From the extents of the input behind the batch: (F), (C, L), (C, H, W); or with the channels behind, where the first
/// thing that the network does with it is to bring them in front.
InputAxes input_axes(const std::string& name, const Shape& extents, const Uses& uses);

}  // namespace neurocuda::onnx
