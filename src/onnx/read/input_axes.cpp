#include "onnx/read/input_axes.hpp"

#include <algorithm>
#include <set>

namespace neurocuda::onnx {
namespace {

/// The first node behind the input that says something about its axes: arithmetic with constants, padding and changes
/// of type do not.
const proto::NodeProto* telling_reader(const std::string& name, const Uses& uses) {
  static const std::set<std::string_view> silent = {
      "Cast",           "Identity",         "Add",     "Sub", "Mul",   "Div", "Pad",
      "QuantizeLinear", "DequantizeLinear", "Dropout", "Neg", "Shape", "Clip"};
  const std::string* value = &name;
  for (int steps = 0; steps < 64; ++steps) {  // longer than any preprocessing
    const proto::NodeProto* next = nullptr;
    for (const auto* reader : uses.readers(*value)) {
      if (reader->op_type() != "Shape" && reader->output_size() > 0) next = reader;
    }
    if (next == nullptr || !silent.contains(next->op_type())) return next;
    value = &next->output(0);
  }
  return nullptr;
}

bool has_order(const proto::NodeProto& node, const std::vector<std::int64_t>& order) {
  return std::ranges::any_of(node.attribute(), [&](const auto& attribute) {
    return attribute.name() == "perm" && std::ranges::equal(attribute.ints(), order);
  });
}

}  // namespace

InputAxes input_axes(const std::string& name, const Shape& extents, const Uses& uses) {
  const proto::NodeProto* reader = telling_reader(name, uses);
  const std::string op = reader != nullptr ? reader->op_type() : "";
  const auto made = [](const Shape& image, Layout layout) {
    return InputAxes{image, without_units(std::move(layout), image)};
  };
  if (extents.size() == 3) {
    const bool channels_last =
        (op == "Transpose" && has_order(*reader, {0, 3, 1, 2})) || (op == "Reshape" && extents[2] == 1);
    if (channels_last)
      return made({extents[2], extents[0], extents[1]},
                  {{Axis::batch}, {Axis::height}, {Axis::width}, {Axis::channel}});
    return {extents, plain_layout(4, extents)};
  }
  if (extents.size() == 2) {
    if (op == "Transpose" && has_order(*reader, {0, 2, 1}))
      return made({extents[1], 1, extents[0]}, {{Axis::batch}, {Axis::width}, {Axis::channel}});
    static const std::set<std::string_view> images = {"Unsqueeze", "Reshape", "Flatten"};  // of one channel
    if (images.contains(op)) return made({1, extents[0], extents[1]}, {{Axis::batch}, {Axis::height}, {Axis::width}});
    return made({extents[0], 1, extents[1]}, {{Axis::batch}, {Axis::channel}, {Axis::width}});
  }
  return {extents, plain_layout(2, extents)};
}

}  // namespace neurocuda::onnx
