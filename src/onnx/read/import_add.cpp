#include "onnx/read/bias.hpp"
#include "onnx/read/importers.hpp"

namespace neurocuda::onnx {
namespace {

void add_to(std::optional<Tensor<float>>& bias, const Tensor<float>& more) {
  if (!bias) {
    bias = more;
    return;
  }
  if (bias->shape() != more.shape())
    fail("a bias has shape {}, not {}", to_string(bias->shape()), to_string(more.shape()));
  for (std::int64_t i = 0; i < more.size(); ++i) (*bias)[i] += more[i];
}

bool is_constant(const Value& value) { return std::holds_alternative<const proto::TensorProto*>(value); }

/// A constant added behind a convolution or linear layer becomes its bias, as long as nothing else reads the layer:
/// what MatMul + Add and Conv + Add in files mean.
void fold_bias(NodeImporter& node, int layer_input, int constant_input) {
  const ir::NodeId layer = node.activation(layer_input);
  ir::Operator& op = node.model().op(layer);
  auto* conv = std::get_if<ir::Conv2d>(&op);
  auto* linear = std::get_if<ir::Linear>(&op);
  if ((conv == nullptr && linear == nullptr) || node.model().readers(node.node().input(layer_input)) != 1) {
    node.unsupported("adds the constant '{}' to '{}'; only a bias directly behind a Conv, Gemm or MatMul is supported",
                     printable(node.node().input(constant_input)), printable(node.node().input(layer_input)));
  }
  const Tensor<float> constant = node.parameters(constant_input);
  if (conv != nullptr) add_to(conv->bias, as_bias(node, constant, conv->weight.extent(0), 2));
  if (linear != nullptr) add_to(linear->bias, as_bias(node, constant, linear->weight.extent(0), 0));
  node.bind(layer);
}

}  // namespace

void import_add(NodeImporter& node) {
  if (is_constant(node.value(1))) {
    fold_bias(node, 0, 1);
  } else if (is_constant(node.value(0))) {
    fold_bias(node, 1, 0);
  } else {
    node.produce(ir::Add{}, {node.activation(0), node.activation(1)});
  }
}

}  // namespace neurocuda::onnx
