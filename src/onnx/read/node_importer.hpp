#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "neurocuda/base/error.hpp"
#include "neurocuda/base/tensor.hpp"
#include "onnx/read/attributes.hpp"
#include "onnx/read/model_importer.hpp"
#include "onnx/read/names.hpp"

namespace neurocuda::onnx {

/// One ONNX node while it is imported: what an operator's importer reads from and writes to.
class NodeImporter {
 public:
  NodeImporter(const proto::NodeProto& node, ModelImporter& model)
      : attributes(node), node_(node), model_(model), name_(free_name(node, model)) {}

  Attributes attributes;

  ModelImporter& model() { return model_; }
  const proto::NodeProto& node() const { return node_; }
  /// What the graph node is to be called.
  const std::string& name() const { return name_; }

  bool has_input(int i) const { return i < node_.input_size() && !node_.input(i).empty(); }
  Value value(int i) const;
  /// The graph node whose value input i is. Throws UnsupportedOperator when it is a constant.
  ir::NodeId activation(int i) const;
  const Shape& shape(ir::NodeId id) const { return model_.shape(id); }
  /// Input i as parameters (charged to the model). Throws UnsupportedOperator when it is not a constant.
  Tensor<float> parameters(int i);
  std::optional<Tensor<float>> optional_parameters(int i);
  /// Input i as a constant list of integers.
  std::vector<std::int64_t> integers(int i) const;

  /// Adds a graph node and makes it the value of output 0.
  void produce(ir::Operator op, std::vector<ir::NodeId> inputs) {
    bind(model_.add(name_, std::move(op), std::move(inputs)));
  }
  /// Makes an existing value that of output 0.
  void bind(Value value) { model_.bind(node_.output(0), value); }

  /// The file is malformed here.
  template <class... Args>
  [[noreturn]] void malformed(fmt::format_string<Args...> format, Args&&... args) const {
    fail("{}: {}", label(node_), fmt::format(format, std::forward<Args>(args)...));
  }
  /// The file may be in order, but this use of the operator has no counterpart.
  template <class... Args>
  [[noreturn]] void unsupported(fmt::format_string<Args...> format, Args&&... args) const {
    fail<UnsupportedOperator>("{}: {}", label(node_), fmt::format(format, std::forward<Args>(args)...));
  }

 private:
  static std::string free_name(const proto::NodeProto& node, const ModelImporter& model);
  const proto::TensorProto& constant(int i) const;

  const proto::NodeProto& node_;
  ModelImporter& model_;
  std::string name_;
};

}  // namespace neurocuda::onnx
