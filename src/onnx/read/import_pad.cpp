#include <algorithm>

#include "onnx/read/axes.hpp"
#include "onnx/read/importers.hpp"
#include "onnx/read/padding.hpp"

namespace neurocuda::onnx {
namespace {

using Values = std::vector<std::int64_t>;

void check_zeros(NodeImporter& node) {
  const std::string mode = node.attributes.text("mode", "constant");
  float value = node.attributes.real("value", 0);
  if (node.has_input(2)) {
    const Tensor<float> given = node.parameters(2);
    value = given.size() == 1 ? given[0] : 1;
  }
  if (mode != "constant" || value != 0) {
    node.refuse(
        fmt::format("pads in mode '{}' with the value {}; only zeros have a counterpart", printable(mode), value),
        "pad with zeros and train again");
  }
}

/// Zeros before and behind every axis of the value.
std::pair<Values, Values> read_pads(NodeImporter& node, std::size_t rank) {
  constexpr std::int64_t kMost = std::int64_t{1} << 20;
  const Values pads = node.integers("pads", 1).value_or(Values{});
  Values axes(rank);
  for (std::size_t i = 0; i < rank; ++i) axes[i] = static_cast<std::int64_t>(i);
  if (node.has_input(3)) axes = node.integers(3);
  read_axes(node, axes, rank);
  if (pads.size() != 2 * axes.size())
    node.malformed("pads has {} values for {} axes; export the model again", pads.size(), axes.size());
  std::pair<Values, Values> result{Values(rank, 0), Values(rank, 0)};
  for (std::size_t i = 0; i < axes.size(); ++i) {
    const std::size_t axis = read_axis(node, axes[i], rank);
    result.first[axis] = pads[i];
    result.second[axis] = pads[i + axes.size()];
    for (const std::int64_t pad : {pads[i], pads[i + axes.size()]}) {
      if (pad < -kMost || pad > kMost)
        node.malformed("pads has the value {}; it must be between {} and {}", pad, -kMost, kMost);
    }
  }
  return result;
}

/// More channels, of zeros: a convolution of 1x1 that copies what is there.
ir::NodeId add_channels(NodeImporter& node, ir::NodeId image, std::int64_t before, std::int64_t after) {
  const std::int64_t channels = node.shape(image)[0];
  const Shape weight{before + channels + after, channels, 1, 1};
  node.charge_reals(weight);
  ir::Conv2d conv{Tensor<float>(weight), {}, {}, 1};
  for (std::int64_t i = 0; i < channels; ++i) conv.weight[(before + i) * channels + i] = 1;
  return node.model().add(node.name() + "_channels", std::move(conv), {image});
}

}  // namespace

void import_pad(NodeImporter& node) {
  check_zeros(node);
  const Activation input = node.activation(0);
  const auto [before, after] = read_pads(node, input.layout.size());
  Pads pads;
  ir::NodeId image = input.node;
  for (std::size_t axis = 0; axis < before.size(); ++axis) {
    if (before[axis] == 0 && after[axis] == 0) continue;
    const AxisGroup& group = input.layout[axis];
    if (node.shape(input).size() == 3 && group == AxisGroup{Axis::height}) {
      pads.top = before[axis], pads.bottom = after[axis];
    } else if (node.shape(input).size() == 3 && group == AxisGroup{Axis::width}) {
      pads.left = before[axis], pads.right = after[axis];
    } else if (node.shape(input).size() == 3 && group == AxisGroup{Axis::channel} && before[axis] >= 0 &&
               after[axis] >= 0) {
      image = add_channels(node, image, before[axis], after[axis]);
    } else {
      node.refuse(fmt::format("pads axis {} of {}, whose axes are {} of (N, C, H, W)", axis,
                              to_string(node.onnx_shape(input)), describe(input.layout)),
                  "pad the height and width of an image, or its channels");
    }
  }
  const bool cropped = std::min({pads.top, pads.left, pads.bottom, pads.right}) < 0;
  if (pads != Pads{}) image = add_padding(node, node.name(), image, pads);
  if (image == input.node) return node.bind(input);
  if (cropped && element_count(node.shape(image)) < 1) node.malformed("crops the image away; export the model again");
  node.bind({image, without_units(input.layout, node.shape(image))});
}

}  // namespace neurocuda::onnx
