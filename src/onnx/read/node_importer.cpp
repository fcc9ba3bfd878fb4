#include "onnx/read/node_importer.hpp"

#include "onnx/read/tensors.hpp"

namespace neurocuda::onnx {

std::string NodeImporter::free_name(const proto::NodeProto& node, const ModelImporter& model) {
  std::string name = display_name(node);
  // The Output node is to have the name of the graph's output, which a node that writes it often has too.
  return model.is_output(name) ? name + "_" + operator_name(node) : name;
}

Value NodeImporter::value(int i) const {
  if (!has_input(i)) malformed("has no input {}; export the model again", i);
  return model_.value(node_.input(i));
}

ir::NodeId NodeImporter::activation(int i) const {
  const Value found = value(i);
  if (const auto* id = std::get_if<ir::NodeId>(&found)) return *id;
  unsupported("its input {} '{}' is a constant, not the value of a layer; simplify the model", i,
              printable(node_.input(i)));
}

const proto::TensorProto& NodeImporter::constant(int i) const {
  const Value found = value(i);
  if (const auto* tensor = std::get_if<const proto::TensorProto*>(&found)) return **tensor;
  unsupported("its input {} '{}' is computed; it must be a constant", i, printable(node_.input(i)));
}

Tensor<float> NodeImporter::parameters(int i) {
  const proto::TensorProto& tensor = constant(i);
  model_.charge(static_cast<std::int64_t>(tensor.ByteSizeLong()));
  return read_floats(tensor);
}

std::optional<Tensor<float>> NodeImporter::optional_parameters(int i) {
  if (!has_input(i)) return std::nullopt;
  return parameters(i);
}

std::vector<std::int64_t> NodeImporter::integers(int i) const { return read_integers(constant(i)); }

}  // namespace neurocuda::onnx
