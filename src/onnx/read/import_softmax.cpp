#include "onnx/read/axes.hpp"
#include "onnx/read/importers.hpp"

namespace neurocuda::onnx {

/// A softmax over the classes does not change which is the largest: left out where nothing is computed from it.
void import_softmax(NodeImporter& node) {
  Activation input = node.activation(0);
  const Layout& layout = input.layout;
  const std::int64_t opset = node.model().opset();
  const std::int64_t stated = node.attributes.integer("axis", opset >= 13 ? -1 : 1);
  const std::size_t axis = read_axis(node, stated, layout.size());
  for (std::size_t i = 0; i < layout.size(); ++i) {
    const bool over = opset >= 13 ? i == axis : i >= axis;  // before, the axes from there on are one
    if (over || layout[i].empty() || layout[i] == AxisGroup{Axis::batch}) continue;
    node.refuse(fmt::format("is over axis {} of {}, not over all values of an image, as in attention", stated,
                            to_string(node.onnx_shape(input))),
                "leave it out, and train again");
  }
  input.last = true;
  node.model().note(fmt::format("{} '{}' at the end is left out: the class of the largest logit stays the same",
                                operator_name(node.node()), display_name(node.node())));
  node.bind(input);
}

}  // namespace neurocuda::onnx
