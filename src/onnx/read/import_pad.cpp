#include <algorithm>

#include "onnx/read/axes.hpp"
#include "onnx/read/importers.hpp"
#include "onnx/read/padding.hpp"

namespace neurocuda::onnx {
namespace {

using Values = std::vector<std::int64_t>;

/// Whether only max pools read it: to repeat the outermost pixels adds nothing to a maximum that has them already.
bool feeds_max_pools(const NodeImporter& node) {
  const Uses& uses = node.model().uses();
  const std::string& output = node.node().output(0);
  return !uses.is_output(output) &&
         std::ranges::all_of(uses.readers(output), [](const auto* reader) { return reader->op_type() == "MaxPool"; });
}

/// Whether it repeats the outermost pixels; refuses what is neither that nor zeros.
bool read_mode(NodeImporter& node) {
  const std::string mode = node.attributes.text("mode", "constant");
  if (mode == "edge" && feeds_max_pools(node)) return true;
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
  return false;
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
  const bool repeats_edge = read_mode(node);
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
               after[axis] >= 0 && !repeats_edge) {
      image = add_channels(node, image, before[axis], after[axis]);
    } else {
      node.refuse(fmt::format("pads axis {} of {}, whose axes are {} of (N, C, H, W)", axis,
                              to_string(node.onnx_shape(input)), describe(input.layout)),
                  "pad the height and width of an image, or its channels");
    }
  }
  if (pads != Pads{}) image = add_padding(node, node.name(), image, pads);
  if (image == input.node) return node.bind(input);
  if (repeats_edge) {
    const auto padding = node.model().paddings.find(image);
    if (padding == node.model().paddings.end())
      node.refuse("repeats the outermost pixels on one side and crops another", "pad with zeros and train again");
    padding->second.repeats_edge = true;
  }
  node.bind({image, without_units(input.layout, node.shape(image))});
}

}  // namespace neurocuda::onnx
