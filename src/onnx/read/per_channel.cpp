#include "onnx/read/per_channel.hpp"

#include <algorithm>

#include "onnx/read/walk.hpp"

namespace neurocuda::onnx {
namespace {

/// The constant's axes taken apart into ir axes, and by how many channels each steps.
struct Apart {
  Shape shape;
  Strides channel;
};

/// Nothing when the constant does not fit the value's axes.
std::optional<Apart> take_apart(const NodeImporter& node, const Shape& constant, const Activation& value) {
  const Layout& layout = value.layout;
  const Shape& ir = node.shape(value);
  const Shape whole = node.onnx_shape(value);
  if (constant.size() > layout.size()) return std::nullopt;
  Apart result;
  for (std::size_t i = 0; i < constant.size(); ++i) {
    if (constant[i] == 1) continue;
    const std::size_t axis = layout.size() - (constant.size() - i);
    if (constant[i] != whole[axis]) return std::nullopt;
    for (const Axis ir_axis : layout[axis]) {
      if (ir_axis == Axis::batch) return std::nullopt;
      result.shape.push_back(extent_of(ir_axis, ir, 1));
      result.channel.push_back(ir_axis == Axis::channel ? 1 : 0);
    }
  }
  return result;
}

}  // namespace

Tensor<float> per_channel(const NodeImporter& node, const Tensor<float>& constant, const Activation& value,
                          const char* what) {
  const std::int64_t channels = node.shape(value)[0];
  const auto refuse = [&] [[noreturn]] {
    node.refuse(fmt::format("its {} of shape {} is not one number, nor one per channel of {}, here {} values", what,
                            to_string(constant.shape()), to_string(node.onnx_shape(value)), channels),
                "give it one value per channel, which is the same at every position");
  };
  const auto apart = take_apart(node, constant.shape(), value);
  if (!apart) refuse();
  const bool one_for_all = std::ranges::find(apart->channel, 1) == apart->channel.end();
  Tensor<float> result({channels}, constant[0]);
  std::vector<bool> known(static_cast<std::size_t>(channels), false);
  std::int64_t next = 0;
  bool differs = false;
  walk<1>(apart->shape, {apart->channel}, {0}, [&](const auto& channel) {
    const std::int64_t c = one_for_all ? 0 : channel[0];
    const float number = constant[next++];
    differs = differs || (known[static_cast<std::size_t>(c)] && result[c] != number);
    known[static_cast<std::size_t>(c)] = true;
    if (!one_for_all) result[c] = number;
  });
  if (differs) refuse();
  return result;
}

}  // namespace neurocuda::onnx
