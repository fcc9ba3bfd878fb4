#pragma once

#include "neurocuda/base/shape.hpp"
#include "onnx/read/node_importer.hpp"

namespace neurocuda::onnx {

/// Extents of kernel_shape. Throws UserError when the attribute is missing or not two values.
Size2 read_kernel(NodeImporter& node);

/// strides, dilations and pads or auto_pad of a convolution or pooling with this kernel over an image. Throws
/// UnsupportedOperator when the padding differs between the sides.
Window read_window(NodeImporter& node, Size2 kernel, ir::NodeId image);

}  // namespace neurocuda::onnx
