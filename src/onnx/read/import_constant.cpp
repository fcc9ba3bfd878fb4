#include "onnx/read/importers.hpp"

namespace neurocuda::onnx {
namespace {

/// value_int, value_ints, value_float or value_floats as the tensor that they stand for.
proto::TensorProto as_tensor(NodeImporter& node) {
  proto::TensorProto tensor;
  tensor.set_name(node.node().output(0));
  tensor.set_data_type(proto::TensorProto::INT64);
  if (const auto* one = node.attributes.any("value_int")) {
    tensor.add_int64_data(one->i());
  } else if (const auto* many = node.attributes.any("value_ints")) {
    *tensor.mutable_int64_data() = many->ints();
    tensor.add_dims(many->ints_size());
  } else if (const auto* real = node.attributes.any("value_float")) {
    tensor.set_data_type(proto::TensorProto::FLOAT);
    tensor.add_float_data(real->f());
  } else if (const auto* reals = node.attributes.any("value_floats")) {
    tensor.set_data_type(proto::TensorProto::FLOAT);
    *tensor.mutable_float_data() = reals->floats();
    tensor.add_dims(reals->floats_size());
  } else {
    node.unsupported("holds neither a tensor nor numbers; store the constant as an initialiser");
  }
  return tensor;
}

}  // namespace

void import_constant(NodeImporter& node) {
  const proto::TensorProto* tensor = node.attributes.tensor("value");
  node.bind(tensor != nullptr ? tensor : node.model().keep(as_tensor(node)));
}

}  // namespace neurocuda::onnx
