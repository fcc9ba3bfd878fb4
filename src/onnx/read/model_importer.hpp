#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>
#include <vector>

#include "neurocuda/ir/graph.hpp"
#include "onnx/proto.hpp"
#include "onnx/read/constant.hpp"
#include "onnx/read/layout.hpp"
#include "onnx/read/tensors.hpp"
#include "onnx/read/uses.hpp"

namespace neurocuda::onnx {

/// Behind a node that was refused: only where reading goes on to find all refusals.
struct Unknown {};

/// What an ONNX value stands for: the value of a graph node, or a constant.
using Value = std::variant<Activation, ConstantRef, Unknown>;

/// Zeros on the four sides of an image.
struct Pads {
  std::int64_t top = 0, left = 0, bottom = 0, right = 0;
  bool operator==(const Pads&) const = default;
};

/// A node that does nothing but pad: what reads it may pad by itself instead.
struct PaddedFrom {
  ir::NodeId source = 0;
  Pads pads;
  bool repeats_edge = false;  ///< with the outermost pixels instead of zeros, for max pools only
};

/// The graph as far as it is imported, and what the names in the file stand for. The ONNX graph must outlive it.
class ModelImporter {
 public:
  ModelImporter(const proto::ModelProto& source, const Uses::Nodes& nodes, ConstantSource constants);

  const ir::Graph& graph() const { return graph_; }
  ir::Graph take_graph() { return std::move(graph_); }
  const Uses& uses() const { return uses_; }
  /// The version of ONNX's own operators.
  std::int64_t opset() const { return opset_; }

  /// Adds a node under the first free name of base, base_2, base_3, ...
  ir::NodeId add(const std::string& base, ir::Operator op, std::vector<ir::NodeId> inputs);
  /// Parameters may change, wiring may not.
  ir::Operator& op(ir::NodeId id) { return graph_.op(id); }
  /// The shape of a node's value, without the batch axis. Throws UserError when operators so far do not fit together.
  const Shape& shape(ir::NodeId id);
  /// Whether no value of the node can be below 0.
  bool never_negative(ir::NodeId id) const { return never_negative_[id]; }

  void bind(std::string_view name, Value value) { values_[name] = std::move(value); }
  /// Throws UserError when the name stands for nothing.
  const Value& value(std::string_view name) const;

  /// The batch size that the file fixes; 0 when it leaves it open.
  std::int64_t batch() const { return batch_; }
  void set_batch(std::int64_t batch) { batch_ = batch; }
  /// The one that constants are computed for.
  std::int64_t computed_batch() const { return batch_ > 0 ? batch_ : 1; }

  /// A constant's values. What a file holds is decoded anew each time.
  SharedConstant load(const ConstantRef& constant);
  /// The same, to be changed or kept.
  Constant copy(const ConstantRef& constant);
  Constant copy_as_real(const ConstantRef& constant);
  void charge(std::int64_t bytes) { constants_.budget.charge(bytes); }

  /// Nodes that scale and shift channels, made of arithmetic with constants, which more of it may change.
  std::set<ir::NodeId> scalings;
  std::map<ir::NodeId, PaddedFrom> paddings;

  /// Something that the graph does not have any more and its user should know: one line.
  void note(const std::string& text);
  std::vector<std::string> take_notes() { return std::move(notes_); }

 private:
  bool cannot_be_negative(const ir::Operator& op, const std::vector<ir::NodeId>& inputs) const;

  ir::Graph graph_;
  Uses uses_;
  std::int64_t opset_ = 0;
  std::vector<Shape> shapes_;  // of the first shapes_.size() nodes
  std::vector<bool> never_negative_;
  std::unordered_map<std::string_view, Value> values_;
  std::map<std::string, int> name_counts_;
  std::int64_t batch_ = 0;
  ConstantSource constants_;
  std::vector<std::string> notes_;
};

}  // namespace neurocuda::onnx
