#include <algorithm>

#include "onnx/read/axes.hpp"
#include "onnx/read/importers.hpp"
#include "onnx/read/padding.hpp"
#include "onnx/read/slices.hpp"

namespace neurocuda::onnx {
namespace {

/// Whether an axis of the value is the channels of the image, or the features. Where there is one channel, any axis of
/// extent 1 may be it.
bool is_channels(const NodeImporter& node, const Activation& value, std::size_t axis) {
  const AxisGroup& group = value.layout[axis];
  return group == AxisGroup{Axis::channel} || (group.empty() && node.shape(value)[0] == 1);
}

void bind_channels(NodeImporter& node, int output, const Activation& input, std::int64_t begin, std::int64_t count) {
  if (count == node.shape(input)[0]) {
    Activation same = input;
    same.shared = true;
    return node.bind(output, same);
  }
  const std::string name = output == 0 ? node.name() : fmt::format("{}_{}", node.name(), output);
  const ir::NodeId part = node.model().add(name, ir::Slice{begin, count}, {input.node});
  node.bind(output, {part, without_units(input.layout, node.shape(part))});
}

/// Keeps every step-th position from `begin` on, along a side of the image.
Activation crop(NodeImporter& node, const Activation& input, const SliceAlong& slice) {
  const Axis side = input.layout[slice.axis][0];
  const std::int64_t extent = extent_of(side, node.shape(input), 1);
  if (slice.step < 0) node.refuse("turns the image round (a negative step)", "leave the slice out");
  const std::int64_t end = slice.begin + (slice.count - 1) * slice.step + 1;
  const bool vertical = side == Axis::height;
  Pads pads;
  (vertical ? pads.top : pads.left) = -slice.begin;
  (vertical ? pads.bottom : pads.right) = end - extent;
  const Size2 stride = vertical ? Size2{slice.step, 1} : Size2{1, slice.step};
  const ir::NodeId made = add_padding(node, node.name(), input.node, pads, stride);
  return {made, without_units(input.layout, node.shape(made))};
}

}  // namespace

void import_concat(NodeImporter& node) {
  std::vector<Activation> values;
  for (int i = 0; i < node.inputs(); ++i) values.push_back(node.activation(i));
  if (values.empty()) node.malformed("has no inputs; export the model again");
  const std::size_t rank = values[0].layout.size();
  const std::size_t axis = read_axis(node, node.attributes.integer("axis", 1), rank);
  std::vector<ir::NodeId> inputs;
  Layout layout;
  for (Activation& value : values) {
    if (value.layout.size() != rank)
      node.malformed("puts values of {} and {} axes together; export the model again", rank, value.layout.size());
    if (!is_channels(node, value, axis)) {
      node.refuse(fmt::format("puts values together along axis {} of {}, whose axes are {} of (N, C, H, W)", axis,
                              to_string(node.onnx_shape(value)), describe(value.layout)),
                  "concatenate channels (dim=1)");
    }
    value.layout[axis] = {Axis::channel};
    const Layout& other = layout.empty() ? value.layout : layout;
    if (value.layout != other)
      node.refuse(fmt::format("puts values together whose axes are {} and {} of (N, C, H, W)", describe(other),
                              describe(value.layout)),
                  "concatenate values of one height and width");
    layout = value.layout;
    inputs.push_back(value.node);
  }
  if (inputs.size() == 1) return node.bind(node.activation(0));
  node.produce(ir::Concat{inputs.size()}, inputs, layout);
}

void import_slice(NodeImporter& node) {
  Activation value = node.activation(0);
  const Shape shape = node.onnx_shape(value);
  for (const SliceAlong& slice : read_slices(node, shape)) {
    if (slice.count == shape[slice.axis] && slice.step == 1) continue;
    if (slice.count < 1)
      node.malformed("takes nothing of axis {} of {}; export the model again", slice.axis, to_string(shape));
    const AxisGroup& group = value.layout[slice.axis];
    if (group == AxisGroup{Axis::height} || group == AxisGroup{Axis::width}) {
      value = crop(node, value, slice);
    } else if (group == AxisGroup{Axis::channel} && (slice.step == 1 || slice.count == 1)) {
      const ir::NodeId part = node.model().add(node.name(), ir::Slice{slice.begin, slice.count}, {value.node});
      value = {part, without_units(value.layout, node.shape(part))};
    } else {
      node.refuse(fmt::format("takes a part of axis {} of {}, whose axes are {} of (N, C, H, W)", slice.axis,
                              to_string(shape), describe(value.layout)),
                  "take consecutive channels, or a part of the height and width");
    }
  }
  node.bind(value);
}

/// x[:, i]: channels by their numbers, the axis gone where it is a single one.
void import_gather(NodeImporter& node) {
  const Activation input = node.activation(0);
  const std::size_t axis = read_axis(node, node.attributes.integer("axis", 0), input.layout.size());
  const std::int64_t extent = node.onnx_shape(input)[axis];
  std::vector<std::int64_t> places = node.integers(1);
  const std::size_t rank = node.constant(1)->shape.size();
  bool in_order = !places.empty() && rank <= 1;
  for (std::size_t i = 0; i < places.size(); ++i) {
    if (places[i] < 0) places[i] += extent;
    if (places[i] < 0 || places[i] >= extent)
      node.malformed("takes element {} of {}; export the model again", places[i], extent);
    in_order = in_order && places[i] == places[0] + static_cast<std::int64_t>(i);
  }
  if (!in_order || !is_channels(node, input, axis)) {
    node.refuse(fmt::format("takes elements of axis {} of {}, whose axes are {} of (N, C, H, W)", axis,
                            to_string(node.onnx_shape(input)), describe(input.layout)),
                "take consecutive channels");
  }
  const ir::Slice slice{places[0], static_cast<std::int64_t>(places.size())};
  const ir::NodeId part = node.model().add(node.name(), slice, {input.node});
  Layout layout = without_units(input.layout, node.shape(part));
  if (rank == 0) layout.erase(layout.begin() + static_cast<std::ptrdiff_t>(axis));
  node.bind({part, std::move(layout)});
}

/// Sizes are an attribute up to opset 12, then an input; without them the parts are equal, the last may be smaller.
void import_split(NodeImporter& node) {
  const Activation input = node.activation(0);
  const std::size_t axis = read_axis(node, node.attributes.integer("axis", 0), input.layout.size());
  const std::int64_t extent = node.onnx_shape(input)[axis];
  const std::int64_t parts = node.attributes.integer("num_outputs", node.node().output_size());
  auto sizes = node.integers("split", 1).value_or(std::vector<std::int64_t>{});
  if (sizes.empty() && parts > 0 && parts <= extent) {
    const std::int64_t each = (extent + parts - 1) / parts;
    for (std::int64_t begin = 0; begin < extent; begin += each) sizes.push_back(std::min(each, extent - begin));
  }
  std::int64_t begin = 0;
  if (static_cast<int>(sizes.size()) != node.node().output_size())
    node.malformed("has {} outputs for {} parts; export the model again", node.node().output_size(), sizes.size());
  if (!is_channels(node, input, axis)) {
    node.refuse(fmt::format("splits axis {} of {}, whose axes are {} of (N, C, H, W)", axis,
                            to_string(node.onnx_shape(input)), describe(input.layout)),
                "split channels (dim=1)");
  }
  for (int output = 0; output < node.node().output_size(); ++output) {
    const std::int64_t size = sizes[static_cast<std::size_t>(output)];
    if (size < 1 || size > extent - begin)
      node.malformed("splits {} channels into parts of {}; export the model again", extent, to_string(sizes));
    const bool wanted = node.model().uses().count(node.node().output(output)) > 0;
    if (wanted) bind_channels(node, output, input, begin, size);
    begin += size;
  }
  if (begin != extent)
    node.malformed("splits {} channels into parts of {}; export the model again", extent, to_string(sizes));
}

}  // namespace neurocuda::onnx
