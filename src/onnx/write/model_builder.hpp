#pragma once

#include <string>
#include <unordered_set>

#include "neurocuda/base/tensor.hpp"
#include "neurocuda/ir/graph.hpp"
#include "onnx/proto.hpp"

namespace neurocuda::onnx {

/// Adds nodes and initialisers to an ONNX graph, under the names of an ir graph.
class ModelBuilder {
 public:
  ModelBuilder(const ir::Graph& graph, proto::GraphProto& target);

  /// The name of a node's value: the node's, or the Output's for the value that the Output reads.
  const std::string& value_name(ir::NodeId id) const { return value_names_[id]; }

  /// A node called like the graph node, with its inputs and its value as output.
  proto::NodeProto& add_node(ir::NodeId id, const char* op_type);
  /// A node that the graph does not have, called after one that it has; its value has its name.
  proto::NodeProto& add_helper(ir::NodeId id, const char* op_type, const std::string& input);
  /// An initialiser "<node>.<role>", as a further input of `node`.
  void add_parameter(proto::NodeProto& node, const char* role, const Tensor<float>& values);
  void add_integers_parameter(proto::NodeProto& node, const char* role, std::initializer_list<std::int64_t> values);
  /// A name that nothing else in the file has.
  std::string free_name(const std::string& base);

 private:
  const ir::Graph& graph_;
  proto::GraphProto& target_;
  std::vector<std::string> value_names_;
  std::unordered_set<std::string> taken_;
};

void add_integer(proto::NodeProto& node, const char* name, std::int64_t value);
void add_integers(proto::NodeProto& node, const char* name, std::initializer_list<std::int64_t> values);
void add_real(proto::NodeProto& node, const char* name, float value);

/// A float32 tensor (N, shape...) with an open batch axis.
void set_value_info(proto::ValueInfoProto& info, const std::string& name, const Shape& shape);

}  // namespace neurocuda::onnx
