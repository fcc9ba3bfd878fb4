#pragma once

#include <exception>
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

/// Thrown, and caught again, where reading goes on behind refused nodes: this one reads what one of them makes.
struct ReadsUnknown : std::exception {};

/// One ONNX node while it is imported: what an operator's importer reads from and writes to.
class NodeImporter {
 public:
  NodeImporter(const proto::NodeProto& node, ModelImporter& model)
      : attributes(node), node_(node), model_(model), name_(free_name(node, model)) {}

  Attributes attributes;

  ModelImporter& model() { return model_; }
  const ModelImporter& model() const { return model_; }
  const proto::NodeProto& node() const { return node_; }
  /// What the graph node is to be called.
  const std::string& name() const { return name_; }
  int inputs() const { return node_.input_size(); }

  bool has_input(int i) const { return i < node_.input_size() && !node_.input(i).empty(); }
  bool is_constant(int i) const;
  /// Whether there are inputs and none depends on the image.
  bool all_constant() const;
  const Value& value(int i) const;
  /// What input i stands for in the graph. Throws UnsupportedOperator when it is a constant, or behind a softmax.
  Activation activation(int i) const;
  /// The same, for operators that only move values: also behind a softmax.
  Activation movable(int i) const;
  const Shape& shape(ir::NodeId id) const { return model_.shape(id); }
  const Shape& shape(const Activation& value) const { return model_.shape(value.node); }
  /// The ONNX shape of the value, for the batch size that constants are computed for.
  Shape onnx_shape(const Activation& value) const {
    return extents_of(value.layout, shape(value), model_.computed_batch());
  }

  /// Input i as parameters. Throws UnsupportedOperator when it is not a constant, UserError when it is empty or not of
  /// real numbers.
  Tensor<float> parameters(int i);
  std::optional<Tensor<float>> optional_parameters(int i);
  /// Input i as a constant list of at most 64 integers.
  std::vector<std::int64_t> integers(int i) const;
  /// A list that is an attribute, or input i since a later opset.
  std::optional<std::vector<std::int64_t>> integers(const char* attribute, int i);
  SharedConstant constant(int i) const { return model_.load(constant_ref(i)); }
  const ConstantRef& constant_ref(int i) const;
  /// Charges a tensor of float32, or int64, that is about to be made. Throws UserError naming the node when the file
  /// cannot account for it.
  void charge_reals(const Shape& shape) { charge(shape, sizeof(float)); }
  void charge_integers(const Shape& shape) { charge(shape, sizeof(std::int64_t)); }

  /// Adds a graph node and makes it the value of output 0, as it lies in `layout`.
  void produce(ir::Operator op, std::vector<ir::NodeId> inputs, Layout layout);
  /// The same for an operator that keeps its input's axes.
  void produce(ir::Operator op, const Activation& input) { produce(std::move(op), {input.node}, input.layout); }
  /// Makes an existing value that of output 0. Features that lie in the ir's order become (C,), by a Flatten.
  void bind(Activation value) { bind(0, std::move(value)); }
  void bind(int output, Activation value);
  void bind_constant(ConstantRef constant) { model_.bind(node_.output(0), Value(std::move(constant))); }

  /// The file is malformed here.
  template <class... Args>
  [[noreturn]] void malformed(fmt::format_string<Args...> format, Args&&... args) const {
    fail("{}: {}", label(node_), fmt::format(format, std::forward<Args>(args)...));
  }
  /// The file may be in order, but this use of the operator has no counterpart: why, and what to change.
  [[noreturn]] void refuse(std::string reason, std::string remedy) const;

 private:
  void charge(const Shape& shape, std::size_t element);
  static std::string free_name(const proto::NodeProto& node, const ModelImporter& model);

  const proto::NodeProto& node_;
  ModelImporter& model_;
  std::string name_;
};

}  // namespace neurocuda::onnx
