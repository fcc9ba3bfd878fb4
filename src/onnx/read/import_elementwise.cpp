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

void import_identity(NodeImporter& node) {
  if (node.is_constant(0)) return node.bind_constant(node.constant_ref(0));  // exporters share constants this way
  const Activation input = node.movable(0);
  if (input.last) return node.bind(input);
  node.produce(ir::Identity{}, input);
}

void import_dropout(NodeImporter& node) {
  node.attributes.ignore("seed");
  if (in_training_mode(node)) node.refuse("is in training mode", "export the model after model.eval()");
  const Activation input = node.activation(0);
  node.produce(ir::Dropout{read_rate(node)}, input);
}

void import_cast(NodeImporter& node) {
  const Activation input = node.movable(0);
  const std::int64_t to = node.attributes.integer("to", 0);
  node.attributes.ignore("saturate");
  node.attributes.ignore("round_mode");
  if (!is_real_type(static_cast<int>(to))) {
    node.refuse(fmt::format("turns values of the network into {}", type_name(static_cast<int>(to))),
                "leave the conversion to integers out; quantisation is done here");
  }
  if (to == proto::TensorProto::FLOAT16 || to == proto::TensorProto::BFLOAT16)
    node.model().note(
        "the model computes in 16-bit numbers in places; it is read as the float32 network that it stands for");
  node.bind(input);
}

}  // namespace neurocuda::onnx
