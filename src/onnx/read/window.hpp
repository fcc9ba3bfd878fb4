#pragma once

#include "neurocuda/base/shape.hpp"
#include "onnx/read/image_input.hpp"
#include "onnx/read/node_importer.hpp"

namespace neurocuda::onnx {

/// A window along one side of an image, as ONNX describes it.
struct Span {
  std::int64_t kernel = 1, stride = 1, dilation = 1;
  std::int64_t before = 0, after = 0;  ///< padding
  bool operator==(const Span&) const = default;
};

struct Spans {
  Span height, width;
  Pads pads() const { return {height.before, width.before, height.after, width.after}; }
  void add(const Pads& pads);
  /// Without the padding behind the image.
  Window window() const;
};

/// How many windows fit `extent` pixels; 0 when none does.
std::int64_t window_count(const Span& span, std::int64_t extent, bool ceil_mode = false);

/// kernel_shape; empty when the node has none.
std::vector<std::int64_t> read_kernel(NodeImporter& node);

/// strides, dilations and pads or auto_pad of a convolution or pooling with this kernel.
Spans read_spans(NodeImporter& node, const ImageInput& image, const std::vector<std::int64_t>& kernel);

}  // namespace neurocuda::onnx
