#include <algorithm>

#include "onnx/read/importers.hpp"
#include "onnx/read/tensors.hpp"

namespace neurocuda::onnx {
namespace {

/// The rate is an attribute up to opset 11, then input 1. Which one it is does not change inference.
float read_rate(NodeImporter& node) {
  const float rate = node.attributes.real("ratio", 0.5F);
  if (!node.has_input(1)) return rate;
  const Tensor<float> ratio = node.parameters(1);
  if (ratio.size() != 1) node.malformed("its ratio has {} values; it must be one number", ratio.size());
  return ratio[0];
}

bool in_training_mode(NodeImporter& node) {
  if (!node.has_input(2)) return false;
  const std::vector<std::int64_t> mode = node.integers(2);
  return std::any_of(mode.begin(), mode.end(), [](std::int64_t value) { return value != 0; });
}

}  // namespace

void import_relu(NodeImporter& node) { node.produce(ir::ReLU{}, {node.activation(0)}); }

void import_identity(NodeImporter& node) {
  const Value value = node.value(0);
  if (const auto* id = std::get_if<ir::NodeId>(&value)) {
    node.produce(ir::Identity{}, {*id});
  } else {
    node.bind(value);  // exporters share constants this way
  }
}

void import_dropout(NodeImporter& node) {
  node.attributes.ignore("seed");
  if (in_training_mode(node)) node.unsupported("is in training mode; export the model after model.eval()");
  const ir::NodeId input = node.activation(0);
  node.produce(ir::Dropout{read_rate(node)}, {input});
}

}  // namespace neurocuda::onnx
