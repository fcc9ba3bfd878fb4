#include <fmt/ranges.h>

#include <algorithm>
#include <numeric>

#include "onnx/read/axes.hpp"
#include "onnx/read/importers.hpp"

namespace neurocuda::onnx {
namespace {

using Values = std::vector<std::int64_t>;

/// The extents behind the batch that a Reshape asks for; nothing when they do not hold the values of one image.
std::optional<Shape> wanted_extents(const Shape& input, const Values& target, bool allow_zero, std::int64_t batch) {
  if (target.empty() || input.empty()) return std::nullopt;
  const std::int64_t features = std::accumulate(input.begin() + 1, input.end(), std::int64_t{1}, std::multiplies<>());
  Shape extents;
  std::int64_t known = 1, open = -1;
  for (std::size_t i = 1; i < target.size(); ++i) {
    std::int64_t extent = target[i];
    if (extent == 0 && !allow_zero && i < input.size()) extent = input[i];
    if (extent == -1 && open < 0) {
      open = static_cast<std::int64_t>(extents.size());
    } else if (extent < 1 || extent > features / known) {
      return std::nullopt;
    } else {
      known *= extent;
    }
    extents.push_back(extent);
  }
  if (open >= 0 && target[0] != -1 && features % known == 0) {
    extents[static_cast<std::size_t>(open)] = features / known;
  } else if (open >= 0 || known != features) {
    return std::nullopt;
  }
  // A number in place of the batch axis only fits a file with that batch size, or one that leaves it open.
  const bool keeps_batch =
      target[0] == -1 || (target[0] == 0 && !allow_zero) || (target[0] > 0 && (batch == 0 || target[0] == batch));
  return keeps_batch ? std::optional(extents) : std::nullopt;
}

/// The value before it was flattened, for a reshape that takes the axes apart again.
std::optional<Activation> unflattened(NodeImporter& node, const Activation& value) {
  const ir::Node& made = node.model().graph().node(value.node);
  if (!made.as<ir::Flatten>() || value.layout.size() != 2) return std::nullopt;
  const ir::NodeId source = made.inputs[0];
  const Layout merged{{Axis::batch}, {Axis::channel, Axis::height, Axis::width}};
  return Activation{source, without_units(merged, node.shape(source)), true, value.last};
}

void bind_regrouped(NodeImporter& node, Activation value, const Shape& extents) {
  auto layout = regrouped(value.layout, extents, node.shape(value));
  if (!layout) {
    if (const auto before = unflattened(node, value)) {
      layout = regrouped(before->layout, extents, node.shape(*before));
      if (layout) value = *before;
    }
  }
  if (!layout) {
    node.refuse(fmt::format("takes the axes {} of its input apart, or puts others together, to (N, {})",
                            to_string(node.onnx_shape(value)), fmt::join(extents, ", ")),
                "flatten the image as a whole (torch.flatten(x, 1)), or leave the rearrangement out");
  }
  value.layout = *std::move(layout);
  node.bind(std::move(value));
}

}  // namespace

void import_flatten(NodeImporter& node) {
  Activation input = node.movable(0);
  const auto rank = static_cast<std::int64_t>(input.layout.size());
  const std::int64_t axis = node.attributes.integer("axis", 1);
  const std::int64_t first = axis < 0 ? axis + rank : axis;
  if (first < 0 || first > rank) node.malformed("axis = {} is not one of {}; export the model again", axis, rank);
  Layout layout(2);
  for (std::int64_t i = 0; i < rank; ++i) {
    const AxisGroup& group = input.layout[static_cast<std::size_t>(i)];
    AxisGroup& merged = layout[i < first ? 0 : 1];
    merged.insert(merged.end(), group.begin(), group.end());
  }
  if (layout[0] != AxisGroup{Axis::batch}) {
    node.refuse(fmt::format("axis = {} merges the batch with other axes, or leaves it out", axis),
                "flatten from axis 1");
  }
  if (node.shape(input).size() == 1 && !input.last) return node.produce(ir::Flatten{}, {input.node}, layout);
  input.layout = std::move(layout);
  node.bind(std::move(input));
}

void import_reshape(NodeImporter& node) {
  Activation input = node.movable(0);
  const Values target = node.integers("shape", 1).value_or(Values{});
  const bool allow_zero = node.attributes.integer("allowzero", 0) != 0;
  const Shape shape = node.onnx_shape(input);
  const bool batch_first = !input.layout.empty() && input.layout[0] == AxisGroup{Axis::batch};
  const auto extents = batch_first ? wanted_extents(shape, target, allow_zero, node.model().batch()) : std::nullopt;
  if (!extents) {
    node.refuse(
        fmt::format("shape {} does not keep the images of a batch {} apart", to_string(target), to_string(shape)),
        "leave the first axis as it is and reshape to (N, -1) or (N, ...) with all values of an image");
  }
  bind_regrouped(node, std::move(input), *extents);
}

void import_transpose(NodeImporter& node) {
  Activation input = node.movable(0);
  const std::size_t rank = input.layout.size();
  Layout layout;
  for (const std::size_t axis : read_permutation(node, rank)) layout.push_back(input.layout[axis]);
  input.layout = std::move(layout);
  node.bind(std::move(input));
}

void import_squeeze(NodeImporter& node) {
  Activation input = node.movable(0);
  const Shape shape = node.onnx_shape(input);
  const auto listed = node.integers("axes", 1);
  std::set<std::size_t> axes;
  if (listed && !listed->empty()) axes = read_axes(node, *listed, shape.size());
  Layout layout;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    const bool named = axes.contains(i);
    const bool open_batch = input.layout[i] == AxisGroup{Axis::batch} && node.model().batch() != 1;
    if (named && (shape[i] != 1 || open_batch))
      node.malformed("squeezes axis {} of {}, which is not 1; export the model again", i, to_string(shape));
    const bool goes = axes.empty() ? shape[i] == 1 && !open_batch : named;
    if (!goes) layout.push_back(input.layout[i]);
  }
  input.layout = std::move(layout);
  node.bind(std::move(input));
}

void import_unsqueeze(NodeImporter& node) {
  Activation input = node.movable(0);
  const Values listed = node.integers("axes", 1).value_or(Values{});
  const std::size_t rank = input.layout.size() + listed.size();
  if (listed.empty() || rank > 8) node.malformed("makes {} axes; export the model again", rank);
  const std::set<std::size_t> axes = read_axes(node, listed, rank);
  Layout layout;
  auto next = input.layout.begin();
  for (std::size_t i = 0; i < rank; ++i) layout.push_back(axes.contains(i) ? AxisGroup{} : *next++);
  input.layout = std::move(layout);
  node.bind(std::move(input));
}

}  // namespace neurocuda::onnx
