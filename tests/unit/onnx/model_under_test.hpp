#pragma once

#include <span>
#include <string>
#include <vector>

#include "neurocuda/onnx/onnx.hpp"
#include "onnx/proto.hpp"

namespace neurocuda::testing {

namespace proto = ::onnx;

/// A ModelProto made step by step: input "x", output "y" of the last node unless told otherwise. Every way of being
/// malformed is one edit of `model` away.
class ModelUnderTest {
 public:
  explicit ModelUnderTest(const Shape& input = {2, 4, 4}) {
    model.set_ir_version(7);
    model.add_opset_import()->set_version(13);
    graph().set_name("test");
    auto& type = *graph().add_input()->mutable_type()->mutable_tensor_type();
    graph().mutable_input(0)->set_name("x");
    type.set_elem_type(proto::TensorProto::FLOAT);
    type.mutable_shape()->add_dim()->set_dim_param("N");
    for (const std::int64_t extent : input) type.mutable_shape()->add_dim()->set_dim_value(extent);
    graph().add_output()->set_name("y");
  }

  proto::GraphProto& graph() { return *model.mutable_graph(); }

  /// Named as its output.
  proto::NodeProto& node(const std::string& op_type, const std::vector<std::string>& inputs,
                         const std::string& output) {
    proto::NodeProto& added = *graph().add_node();
    added.set_op_type(op_type);
    added.set_name("the_" + op_type);
    for (const std::string& input : inputs) added.add_input(input);
    added.add_output(output);
    return added;
  }

  proto::TensorProto& constant(const std::string& name, const Shape& shape, const std::vector<float>& values) {
    proto::TensorProto& tensor = *graph().add_initializer();
    tensor.set_name(name);
    tensor.set_data_type(proto::TensorProto::FLOAT);
    for (const std::int64_t extent : shape) tensor.add_dims(extent);
    for (const float value : values) tensor.add_float_data(value);
    return tensor;
  }

  /// Values 1, 2, 3, ...
  proto::TensorProto& counting(const std::string& name, const Shape& shape) {
    std::vector<float> values(static_cast<std::size_t>(element_count(shape)));
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i + 1);
    return constant(name, shape, values);
  }

  proto::TensorProto& integers(const std::string& name, const std::vector<std::int64_t>& values) {
    proto::TensorProto& tensor = *graph().add_initializer();
    tensor.set_name(name);
    tensor.set_data_type(proto::TensorProto::INT64);
    tensor.add_dims(static_cast<std::int64_t>(values.size()));
    for (const std::int64_t value : values) tensor.add_int64_data(value);
    return tensor;
  }

  std::string bytes() const { return model.SerializeAsString(); }
  ir::Graph parse() const { return parse_bytes(bytes()); }

  static ir::Graph parse_bytes(const std::string& bytes) {
    return onnx::parse({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()}, "net.onnx");
  }

  proto::ModelProto model;
};

inline void set(proto::NodeProto& node, const std::string& name, std::int64_t value) {
  auto& attribute = *node.add_attribute();
  attribute.set_name(name);
  attribute.set_type(proto::AttributeProto::INT);
  attribute.set_i(value);
}

inline void set(proto::NodeProto& node, const std::string& name, float value) {
  auto& attribute = *node.add_attribute();
  attribute.set_name(name);
  attribute.set_type(proto::AttributeProto::FLOAT);
  attribute.set_f(value);
}

inline void set(proto::NodeProto& node, const std::string& name, const std::string& value) {
  auto& attribute = *node.add_attribute();
  attribute.set_name(name);
  attribute.set_type(proto::AttributeProto::STRING);
  attribute.set_s(value);
}

inline void set(proto::NodeProto& node, const std::string& name, const std::vector<std::int64_t>& values) {
  auto& attribute = *node.add_attribute();
  attribute.set_name(name);
  attribute.set_type(proto::AttributeProto::INTS);
  for (const std::int64_t value : values) attribute.add_ints(value);
}

/// The first node of a kind; the test fails when there is none.
template <class Op>
const Op& only(const ir::Graph& graph) {
  for (const ir::Node& node : graph.nodes()) {
    if (const Op* op = node.as<Op>()) return *op;
  }
  throw std::logic_error("the graph has no such operator");
}

inline std::vector<std::string> operators(const ir::Graph& graph) {
  std::vector<std::string> names;
  for (const ir::Node& node : graph.nodes()) names.emplace_back(ir::operator_name(node.op));
  return names;
}

}  // namespace neurocuda::testing
