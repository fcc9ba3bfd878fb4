#include "onnx/read/importers.hpp"
#include "onnx/read/window.hpp"

namespace neurocuda::onnx {

void import_conv(NodeImporter& node) {
  const ir::NodeId input = node.activation(0);
  ir::Conv2d conv;
  conv.weight = node.parameters(1);
  conv.bias = node.optional_parameters(2);
  const Shape& weight = conv.weight.shape();
  if (weight.size() != 4) {
    node.unsupported("its weight has shape {}; only 2-D convolutions (O, I / groups, KH, KW) are supported",
                     to_string(weight));
  }
  const Size2 kernel{weight[2], weight[3]};
  if (node.attributes.integers("kernel_shape").value_or(std::vector{weight[2], weight[3]}) !=
      std::vector{weight[2], weight[3]}) {
    node.malformed("kernel_shape differs from its weight {}; export the model again", to_string(weight));
  }
  conv.window = read_window(node, kernel, input);
  conv.groups = node.attributes.integer("group", 1);
  node.produce(std::move(conv), {input});
}

}  // namespace neurocuda::onnx
