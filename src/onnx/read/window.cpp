#include "onnx/read/window.hpp"

#include <algorithm>

namespace neurocuda::onnx {
namespace {

using Values = std::vector<std::int64_t>;

/// An attribute of two extents between `low` and 2^20, far from where output sizes overflow.
Size2 checked_size(const NodeImporter& node, const char* attribute, const Values& values, std::int64_t low) {
  constexpr std::int64_t kMost = std::int64_t{1} << 20;
  if (values.size() != 2) {
    node.unsupported("{} has {} values; only 2-D windows (2 values) are supported", attribute, values.size());
  }
  for (const std::int64_t value : values) {
    if (value < low || value > kMost) {
      node.malformed("{} has the value {}; it must be between {} and {}", attribute, value, low, kMost);
    }
  }
  return {values[0], values[1]};
}

Size2 read_pads(NodeImporter& node) {
  const Values pads = node.attributes.integers("pads").value_or(Values{0, 0, 0, 0});
  if (pads.size() != 4) node.unsupported("pads has {} values; only 2-D windows (4 values) are supported", pads.size());
  if (pads[0] != pads[2] || pads[1] != pads[3]) {
    node.unsupported(
        "pads top {}, left {}, bottom {}, right {} are not symmetric; use the same padding on opposite sides", pads[0],
        pads[1], pads[2], pads[3]);
  }
  return checked_size(node, "pads", {pads[0], pads[1]}, 0);
}

/// SAME_UPPER and SAME_LOWER along one axis: ceil(input / stride) outputs, the padding split in two.
std::int64_t same_padding(const NodeImporter& node, std::int64_t input, std::int64_t kernel, std::int64_t stride,
                          std::int64_t dilation) {
  const std::int64_t outputs = (input - 1) / stride + 1;
  const std::int64_t total = std::max<std::int64_t>(0, (outputs - 1) * stride + dilation * (kernel - 1) + 1 - input);
  if (total % 2 != 0) {
    node.unsupported("auto_pad SAME pads {} by {} pixels, which are not symmetric; use explicit, symmetric pads", input,
                     total);
  }
  return total / 2;
}

Size2 read_padding(NodeImporter& node, const Window& window, ir::NodeId image) {
  const std::string mode = node.attributes.text("auto_pad", "NOTSET");
  if (mode == "NOTSET") return read_pads(node);
  node.attributes.ignore("pads");  // the standard: not to be used together with auto_pad
  if (mode == "VALID") return {0, 0};
  if (mode != "SAME_UPPER" && mode != "SAME_LOWER") {
    node.malformed("auto_pad is '{}'; it must be NOTSET, VALID, SAME_UPPER or SAME_LOWER", printable(mode));
  }
  const Shape& input = node.shape(image);
  if (input.size() != 3) node.malformed("needs an image (C, H, W), not {}; check what it reads", to_string(input));
  return {same_padding(node, input[1], window.kernel.height, window.stride.height, window.dilation.height),
          same_padding(node, input[2], window.kernel.width, window.stride.width, window.dilation.width)};
}

}  // namespace

Size2 read_kernel(NodeImporter& node) {
  const auto kernel = node.attributes.integers("kernel_shape");
  if (!kernel) node.malformed("has no kernel_shape; export the model again");
  return checked_size(node, "kernel_shape", *kernel, 1);
}

Window read_window(NodeImporter& node, Size2 kernel, ir::NodeId image) {
  Window window;
  window.kernel = kernel;
  window.stride = checked_size(node, "strides", node.attributes.integers("strides").value_or(Values{1, 1}), 1);
  window.dilation = checked_size(node, "dilations", node.attributes.integers("dilations").value_or(Values{1, 1}), 1);
  window.padding = read_padding(node, window, image);
  return window;
}

}  // namespace neurocuda::onnx
