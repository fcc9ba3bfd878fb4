#include "onnx/read/image_input.hpp"

#include <algorithm>

namespace neurocuda::onnx {
namespace {

bool is_side(const AxisGroup& group) {
  return group.empty() || group == AxisGroup{Axis::height} || group == AxisGroup{Axis::width};
}

/// The sides that the axes behind the channels are; those of extent 1 are what is left.
AxisGroup sides_of(const Layout& layout) {
  if (layout.size() == 3) return {layout[2] == AxisGroup{Axis::height} ? Axis::height : Axis::width};
  const bool turned = layout[2] == AxisGroup{Axis::width} || layout[3] == AxisGroup{Axis::height};
  return turned ? AxisGroup{Axis::width, Axis::height} : AxisGroup{Axis::height, Axis::width};
}

}  // namespace

Layout ImageInput::layout() const {
  Layout result{{Axis::batch}, {Axis::channel}};
  for (const Axis side : sides) result.push_back({side});
  return result;
}

ImageInput as_image(const NodeImporter& node, const Activation& value) {
  const Shape& ir = node.shape(value);
  const Layout& layout = value.layout;
  if (layout.size() != 3 && layout.size() != 4) {
    node.malformed("needs an image (N, C, H, W), not {}; check what it reads", to_string(node.onnx_shape(value)));
  }
  if (ir.size() != 3) {
    node.refuse(fmt::format("takes features {} for the positions of an image", to_string(ir)),
                "give the network an input of shape (N, C, L) or (N, C, H, W)");
  }
  const bool channels = layout[1] == AxisGroup{Axis::channel} || (layout[1].empty() && ir[0] == 1);
  if (layout[0] != AxisGroup{Axis::batch} || !channels || !std::all_of(layout.begin() + 2, layout.end(), is_side)) {
    node.refuse(fmt::format("the axes of its input are {} of (N, C, H, W)", describe(layout)),
                "leave out what moves them, or bring them back before this node");
  }
  return {value.node, sides_of(layout)};
}

}  // namespace neurocuda::onnx
