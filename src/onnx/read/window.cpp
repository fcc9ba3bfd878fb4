#include "onnx/read/window.hpp"

#include <algorithm>

namespace neurocuda::onnx {
namespace {

using Values = std::vector<std::int64_t>;

/// An attribute of `count` extents between `low` and 2^20, far from where output sizes overflow.
void check_values(const NodeImporter& node, const char* attribute, const Values& values, std::size_t count,
                  std::int64_t low) {
  constexpr std::int64_t kMost = std::int64_t{1} << 20;
  if (values.size() != count) {
    node.malformed("{} has {} values; the image that it reads needs {}", attribute, values.size(), count);
  }
  for (const std::int64_t value : values) {
    if (value < low || value > kMost) {
      node.malformed("{} has the value {}; it must be between {} and {}", attribute, value, low, kMost);
    }
  }
}

Values read_values(NodeImporter& node, const char* attribute, std::size_t sides) {
  const Values values = node.attributes.integers(attribute).value_or(Values(sides, 1));
  check_values(node, attribute, values, sides, 1);
  return values;
}

/// SAME_UPPER and SAME_LOWER along one side: ceil(extent / stride) windows, the padding split in two.
void pad_same(Span& span, std::int64_t extent, bool upper) {
  const std::int64_t outputs = (extent - 1) / span.stride + 1;
  const std::int64_t reach = (outputs - 1) * span.stride + span.dilation * (span.kernel - 1) + 1;
  const std::int64_t total = std::max<std::int64_t>(0, reach - extent);
  span.before = upper ? total / 2 : total - total / 2;
  span.after = total - span.before;
}

void read_padding(NodeImporter& node, const ImageInput& image, Spans& spans) {
  const std::string mode = node.attributes.text("auto_pad", "NOTSET");
  const std::size_t sides = image.sides.size();
  if (mode == "NOTSET") {
    const Values pads = node.attributes.integers("pads").value_or(Values(2 * sides, 0));
    check_values(node, "pads", pads, 2 * sides, 0);
    const auto middle = pads.begin() + static_cast<std::ptrdiff_t>(sides);
    const auto before = image.along_sides<std::int64_t>({pads.begin(), middle}, 0);
    const auto after = image.along_sides<std::int64_t>({middle, pads.end()}, 0);
    spans.add({before.first, before.second, after.first, after.second});
    return;
  }
  node.attributes.ignore("pads");  // the standard: not to be used together with auto_pad
  if (mode == "VALID") return;
  if (mode != "SAME_UPPER" && mode != "SAME_LOWER") {
    node.malformed("auto_pad is '{}'; it must be NOTSET, VALID, SAME_UPPER or SAME_LOWER", printable(mode));
  }
  const Shape& input = node.shape(image.node);
  pad_same(spans.height, input[1], mode == "SAME_UPPER");
  pad_same(spans.width, input[2], mode == "SAME_UPPER");
}

}  // namespace

void Spans::add(const Pads& pads) {
  height.before += pads.top;
  height.after += pads.bottom;
  width.before += pads.left;
  width.after += pads.right;
}

Window Spans::window() const {
  return {{height.kernel, width.kernel},
          {height.stride, width.stride},
          {height.before, width.before},
          {height.dilation, width.dilation}};
}

std::int64_t window_count(const Span& span, std::int64_t extent, bool ceil_mode) {
  const std::int64_t room = extent + span.before + span.after - span.dilation * (span.kernel - 1) - 1;
  if (room < 0) return 0;
  const std::int64_t whole = room / span.stride + 1;
  const bool one_more = ceil_mode && room % span.stride != 0 && whole * span.stride < extent + span.before;
  return one_more ? whole + 1 : whole;
}

Values read_kernel(NodeImporter& node) { return node.attributes.integers("kernel_shape").value_or(Values{}); }

Spans read_spans(NodeImporter& node, const ImageInput& image, const Values& kernel) {
  const std::size_t sides = image.sides.size();
  check_values(node, "kernel_shape", kernel, sides, 1);
  const auto kernels = image.along_sides<std::int64_t>(kernel, 1);
  const auto strides = image.along_sides<std::int64_t>(read_values(node, "strides", sides), 1);
  const auto dilations = image.along_sides<std::int64_t>(read_values(node, "dilations", sides), 1);
  Spans spans{{kernels.first, strides.first, dilations.first}, {kernels.second, strides.second, dilations.second}};
  read_padding(node, image, spans);
  return spans;
}

}  // namespace neurocuda::onnx
