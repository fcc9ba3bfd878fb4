#include "onnx/qcfs_function.hpp"

#include <initializer_list>

namespace neurocuda::onnx {
namespace {

constexpr int kFirstIrVersionWithFunctions = 8;
constexpr int kOpset = 13;

proto::NodeProto& add_step(proto::FunctionProto& function, const char* op_type,
                           std::initializer_list<const char*> inputs, const char* output) {
  proto::NodeProto& node = *function.add_node();
  node.set_op_type(op_type);
  for (const char* input : inputs) node.add_input(input);
  node.add_output(output);
  return node;
}

proto::AttributeProto& add_number(proto::NodeProto& node) {
  proto::AttributeProto& attribute = *node.add_attribute();
  attribute.set_name("value_float");
  attribute.set_type(proto::AttributeProto::FLOAT);
  return attribute;
}

void add_opset(google::protobuf::RepeatedPtrField<proto::OperatorSetIdProto>& opsets, const char* domain, int version) {
  proto::OperatorSetIdProto& opset = *opsets.Add();
  opset.set_domain(domain);
  opset.set_version(version);
}

}  // namespace

void define_qcfs(proto::ModelProto& model) {
  model.set_ir_version(kFirstIrVersionWithFunctions);
  add_opset(*model.mutable_opset_import(), kQcfsDomain, 1);
  proto::FunctionProto& function = *model.add_functions();
  function.set_domain(kQcfsDomain);
  function.set_name(kQcfsOperator);
  function.add_input("x");
  function.add_input("lambda");
  function.add_output("h");
  function.add_attribute("levels");
  add_opset(*function.mutable_opset_import(), "", kOpset);

  add_number(add_step(function, "Constant", {}, "L")).set_ref_attr_name("levels");
  add_number(add_step(function, "Constant", {}, "half")).set_f(0.5F);
  add_number(add_step(function, "Constant", {}, "zero")).set_f(0.0F);
  add_step(function, "Mul", {"x", "L"}, "scaled");
  add_step(function, "Div", {"scaled", "lambda"}, "level");
  add_step(function, "Add", {"level", "half"}, "shifted");
  add_step(function, "Floor", {"shifted"}, "floored");
  add_step(function, "Clip", {"floored", "zero", "L"}, "clipped");
  add_step(function, "Mul", {"clipped", "lambda"}, "product");
  add_step(function, "Div", {"product", "L"}, "h");
}

}  // namespace neurocuda::onnx
