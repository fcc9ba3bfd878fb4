#pragma once

#include <functional>
#include <string>
#include <vector>

#include "neurocuda/ir/graph.hpp"
#include "passes/paths/current.hpp"
#include "passes/paths/layer_writer.hpp"

namespace neurocuda::passes::paths {

/// Told of a node that cannot be part of a layer; the walk then goes on without its paths.
using OnRefusal = std::function<void(ir::NodeId node, std::string reason, std::string remedy)>;

/// Walks a graph front to back and writes the one in which every layer reads convolutions, linear maps and identities
/// of what fires. Between activations values are currents: sums of linear paths, whose operators are composed on the
/// way.
class PathWalk {
 public:
  /// Without `on_refusal` a refusal is thrown: ir::BranchRefusal.
  PathWalk(const ir::Graph& graph, OnRefusal on_refusal);

  /// Complete only if nothing was refused.
  ir::Graph run();
  /// Channels that never fire and were left out, with their weights.
  std::int64_t left_out() const { return left_out_; }

  // The value of the node at hand; one for each operator.
  Current operator()(const ir::Input& op);
  Current operator()(const ir::Conv2d& op);
  Current operator()(const ir::Linear& op);
  Current operator()(const ir::BatchNorm2d& op);
  Current operator()(const ir::ReLU& op) { return fire(op); }
  Current operator()(const ir::QCFS& op) { return fire(op); }
  Current operator()(const ir::IF& op) { return fire(op); }
  Current operator()(const ir::Add& op);
  Current operator()(const ir::Concat& op);
  Current operator()(const ir::Slice& op);
  Current operator()(const ir::AvgPool2d& op);
  Current operator()(const ir::GlobalAvgPool& op);
  Current operator()(const ir::MaxPool2d& op);
  Current operator()(const ir::Flatten& op);
  Current operator()(const ir::Identity&) { return read(); }
  Current operator()(const ir::Dropout&) { return read(); }
  Current operator()(const ir::Output& op);

 private:
  const ir::Node& node() const { return graph_.node(id_); }
  const Shape& shape(ir::NodeId id) const { return shapes_[id]; }
  const Current& read(std::size_t i = 0) const { return currents_[node().inputs[i]]; }
  /// The value that is read, which must not be a max pool of currents.
  const Current& settled(std::size_t i = 0) const;
  void step();
  Current refused() const;
  void forget_what_nobody_reads();

  Current fire(const ir::Operator& activation);
  Part fired(const std::string& name, const ir::Operator& activation, const Part& part);
  /// Whether all that read the node, behind pools and reshapes, do it by weights of whole channels.
  bool read_by_weights(ir::NodeId id) const;
  Part convolved(const Part& part, const ConvMap& conv) const;
  Part averaged(const Part& part, const Window& window, const ir::Operator& pool);
  Part max_pooled(const Part& part, const ir::MaxPool2d& op);
  /// (F,) with matrices only, the bias one per feature.
  Part as_features(const Part& part) const;
  /// All parts so: operators that take features one by one must not take them by channels of an image.
  Current in_features(Current current) const;
  /// Throws TooLarge when this part and all that is waiting to be read hold too much.
  void check_held(const Part& part) const;
  Part multiplied(const Part& part, const Tensor<double>& weight) const;
  std::vector<double> bias_of(const std::optional<Tensor<float>>& bias, std::int64_t channels) const;

  [[noreturn]] void refuse(std::string reason, std::string remedy) const;
  [[noreturn]] void refuse_border(const Part& part) const;

  const ir::Graph& graph_;
  OnRefusal on_refusal_;
  std::vector<Shape> shapes_;
  std::vector<std::vector<ir::NodeId>> readers_;
  std::vector<std::size_t> readers_left_;
  std::vector<Current> currents_;
  LayerWriter writer_;
  ir::NodeId id_ = 0;
  std::int64_t left_out_ = 0;
  std::int64_t held_ = 0;  ///< weights of all currents
};

}  // namespace neurocuda::passes::paths
