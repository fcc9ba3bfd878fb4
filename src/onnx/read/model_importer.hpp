#pragma once

#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>
#include <vector>

#include "neurocuda/ir/graph.hpp"
#include "onnx/proto.hpp"

namespace neurocuda::onnx {

/// What an ONNX value stands for: the value of a graph node, or a constant.
using Value = std::variant<ir::NodeId, const proto::TensorProto*>;

/// The graph as far as it is imported, and what the names in the file stand for. The ONNX graph must outlive it.
class ModelImporter {
 public:
  /// `parameter_bytes`: how much memory the parameters of all nodes may take.
  ModelImporter(const proto::GraphProto& source, const std::vector<const proto::NodeProto*>& nodes,
                std::int64_t parameter_bytes);

  const ir::Graph& graph() const { return graph_; }
  ir::Graph take_graph() { return std::move(graph_); }

  /// Adds a node under the first free name of base, base_2, base_3, ...
  ir::NodeId add(const std::string& base, ir::Operator op, std::vector<ir::NodeId> inputs);
  /// Parameters may change, wiring may not.
  ir::Operator& op(ir::NodeId id) { return graph_.op(id); }
  /// The shape of a node's value, without the batch axis. Throws UserError when operators so far do not fit together.
  const Shape& shape(ir::NodeId id);

  void bind(std::string_view name, Value value) { values_[name] = value; }
  /// Throws UserError when the name stands for nothing.
  Value value(std::string_view name) const;
  /// How often the nodes and the graph's outputs read the value.
  int readers(std::string_view name) const;
  bool is_output(std::string_view name) const { return name == output_; }

  /// The batch size that the file fixes; 0 when it leaves it open.
  std::int64_t batch() const { return batch_; }
  void set_batch(std::int64_t batch) { batch_ = batch; }

  /// Keeps a constant that the file does not hold as a tensor.
  const proto::TensorProto* keep(proto::TensorProto constant) { return &kept_.emplace_back(std::move(constant)); }

  /// Counts `bytes` of parameters. Throws UserError when there are more than the file can account for.
  void charge(std::int64_t bytes);

 private:
  ir::Graph graph_;
  std::vector<Shape> shapes_;  // of the first shapes_.size() nodes
  std::unordered_map<std::string_view, Value> values_;
  std::unordered_map<std::string_view, int> readers_;
  std::map<std::string, int> name_counts_;
  std::string_view output_;
  std::int64_t batch_ = 0;
  std::deque<proto::TensorProto> kept_;  // elements never move
  std::int64_t parameter_bytes_;
};

}  // namespace neurocuda::onnx
