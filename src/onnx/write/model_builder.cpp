#include "onnx/write/model_builder.hpp"

#include <fmt/format.h>

namespace neurocuda::onnx {
namespace {

proto::AttributeProto& add_attribute(proto::NodeProto& node, const char* name,
                                     proto::AttributeProto::AttributeType type) {
  proto::AttributeProto& attribute = *node.add_attribute();
  attribute.set_name(name);
  attribute.set_type(type);
  return attribute;
}

}  // namespace

ModelBuilder::ModelBuilder(const ir::Graph& graph, proto::GraphProto& target) : graph_(graph), target_(target) {
  for (const ir::Node& node : graph.nodes()) {
    value_names_.push_back(node.name);
    taken_.insert(node.name);
  }
  const ir::NodeId last = graph.node(graph.output()).inputs[0];
  if (last != graph.input()) value_names_[last] = graph.node(graph.output()).name;
}

proto::NodeProto& ModelBuilder::add_node(ir::NodeId id, const char* op_type) {
  const ir::Node& source = graph_.node(id);
  proto::NodeProto& node = *target_.add_node();
  node.set_name(source.name);
  node.set_op_type(op_type);
  for (const ir::NodeId input : source.inputs) node.add_input(value_name(input));
  node.add_output(value_name(id));
  return node;
}

proto::NodeProto& ModelBuilder::add_helper(ir::NodeId id, const char* op_type, const std::string& input) {
  proto::NodeProto& node = *target_.add_node();
  node.set_name(free_name(fmt::format("{}.{}", graph_.node(id).name, op_type)));
  node.set_op_type(op_type);
  node.add_input(input);
  node.add_output(node.name());
  return node;
}

void ModelBuilder::add_parameter(proto::NodeProto& node, const char* role, const Tensor<float>& values) {
  proto::TensorProto& tensor = *target_.add_initializer();
  tensor.set_name(free_name(fmt::format("{}.{}", node.name(), role)));
  tensor.set_data_type(proto::TensorProto::FLOAT);
  for (const std::int64_t extent : values.shape()) tensor.add_dims(extent);
  tensor.set_raw_data(values.data(), static_cast<std::size_t>(values.size()) * sizeof(float));
  node.add_input(tensor.name());
}

void ModelBuilder::add_integers_parameter(proto::NodeProto& node, const char* role,
                                          std::initializer_list<std::int64_t> values) {
  proto::TensorProto& tensor = *target_.add_initializer();
  tensor.set_name(free_name(fmt::format("{}.{}", node.name(), role)));
  tensor.set_data_type(proto::TensorProto::INT64);
  tensor.add_dims(static_cast<std::int64_t>(values.size()));
  for (const std::int64_t value : values) tensor.add_int64_data(value);
  node.add_input(tensor.name());
}

std::string ModelBuilder::free_name(const std::string& base) {
  std::string name = base;
  for (int i = 2; !taken_.insert(name).second; ++i) name = fmt::format("{}_{}", base, i);
  return name;
}

void add_integer(proto::NodeProto& node, const char* name, std::int64_t value) {
  add_attribute(node, name, proto::AttributeProto::INT).set_i(value);
}

void add_integers(proto::NodeProto& node, const char* name, std::initializer_list<std::int64_t> values) {
  proto::AttributeProto& attribute = add_attribute(node, name, proto::AttributeProto::INTS);
  for (const std::int64_t value : values) attribute.add_ints(value);
}

void add_real(proto::NodeProto& node, const char* name, float value) {
  add_attribute(node, name, proto::AttributeProto::FLOAT).set_f(value);
}

void set_value_info(proto::ValueInfoProto& info, const std::string& name, const Shape& shape) {
  info.set_name(name);
  proto::TypeProto::Tensor& type = *info.mutable_type()->mutable_tensor_type();
  type.set_elem_type(proto::TensorProto::FLOAT);
  type.mutable_shape()->add_dim()->set_dim_param("N");
  for (const std::int64_t extent : shape) type.mutable_shape()->add_dim()->set_dim_value(extent);
}

}  // namespace neurocuda::onnx
