#include "neurocuda/ir/branches.hpp"

#include <utility>

#include "ir/describe.hpp"
#include "neurocuda/base/error.hpp"
#include "neurocuda/ir/analysis.hpp"

namespace neurocuda::ir {
namespace {

bool is_pass_through(const Node& node) { return node.as<Identity>() || node.as<Dropout>(); }
bool is_connection(const Node& node) { return node.as<Conv2d>() || node.as<Linear>(); }

/// Collects the branches of one layer. Currents (what connections and Adds give) must have a single reader: a residual
/// stream of currents is no layer's input, and each connection is quantised for exactly one layer.
class BranchWalk {
 public:
  BranchWalk(const Graph& graph, NodeId layer) : graph_(graph), layer_(layer), consumers_(graph.consumers()) {}

  std::vector<Branch> collect() {
    if (graph_.node(layer_).as<Output>()) {
      collect_output();
    } else {
      collect_currents(graph_.node(layer_).inputs[0], layer_);
    }
    return std::move(branches_);
  }

 private:
  /// `reader` is the Add or layer that reads `value`.
  void collect_currents(NodeId value, NodeId reader) {
    const NodeId id = skip_pass_through(value);
    const Node& node = graph_.node(id);
    if (node.as<Add>()) {
      require_single_reader(id);
      for (const NodeId input : node.inputs) collect_currents(input, id);
    } else if (is_connection(node)) {
      require_single_reader(id);
      branches_.push_back(walk_to_source({.connection = id, .value = node.inputs[0]}));
    } else {
      branches_.push_back(walk_to_source({.connection = reader, .diagonal = true, .value = value}));
    }
  }

  void collect_output() {
    const Node& output = graph_.node(layer_);
    const NodeId id = skip_pass_through(output.inputs[0]);
    const Node& last = graph_.node(id);
    if (!last.as<Linear>()) {
      fail<ConversionError>(
          "{}: is fed by {}; the last layer must be one Linear, put a Flatten and a Linear before the Output",
          label(output), label(last));
    }
    require_single_reader(id);
    branches_.push_back(walk_to_source({.connection = id, .value = last.inputs[0]}));
  }

  NodeId skip_pass_through(NodeId id) const {
    while (is_pass_through(graph_.node(id))) {
      require_single_reader(id);
      id = graph_.node(id).inputs[0];
    }
    return id;
  }

  /// Spikes may pass through an Identity to many readers; currents may not.
  void require_single_reader(NodeId id) const {
    if (consumers_[id].size() <= 1 || !carries_current(id)) return;
    const auto& readers = consumers_[id];
    fail<ConversionError>(
        "{}: its sum of currents is read by both '{}' and '{}' (a pre-activation residual stream); "
        "put an activation directly behind it and let the readers share that",
        label(graph_.node(id)), graph_.node(readers[0]).name, graph_.node(readers[1]).name);
  }

  bool carries_current(NodeId id) const {
    while (is_pass_through(graph_.node(id))) id = graph_.node(id).inputs[0];
    return is_connection(graph_.node(id)) || graph_.node(id).as<Add>();
  }

  /// Fills in source and gain by walking back from branch.value.
  Branch walk_to_source(Branch branch) const {
    const Node* max_pool = nullptr;  // the last one passed: what stands before it must be spikes
    for (NodeId id = branch.value;; id = graph_.node(id).inputs[0]) {
      const Node& node = graph_.node(id);
      if (is_activation(node) || node.as<Input>()) {
        check_source(branch, node, max_pool);
        branch.source = id;
        return branch;
      }
      step_back(branch, id, max_pool);
    }
  }

  /// One node between the connection and its source.
  void step_back(Branch& branch, NodeId id, const Node*& max_pool) const {
    const Node& node = graph_.node(id);
    const bool averages = node.as<AvgPool2d>() || node.as<GlobalAvgPool>();
    if (is_pass_through(node)) return;
    if (averages) {
      if (max_pool) {
        fail<ConversionError>("{}: reads the average pool '{}', but max pooling is an OR of spikes; swap the two pools",
                              label(*max_pool), node.name);
      }
      branch.gain *= average_gain(id);
    } else if (node.as<MaxPool2d>()) {
      max_pool = &node;
    } else if (!node.as<Flatten>()) {
      refuse_currents(branch, node, max_pool);
    } else if (branch.diagonal) {
      fail<ConversionError>("{}: an identity skip into '{}' cannot pass a Flatten; use a Linear layer on that path",
                            label(node), graph_.node(branch.connection).name);
    }
  }

  double average_gain(NodeId id) const {
    if (const auto* pool = graph_.node(id).as<AvgPool2d>()) {
      return 1.0 / static_cast<double>(pool->window.kernel.height * pool->window.kernel.width);
    }
    const Shape input = infer_shapes(graph_)[graph_.node(id).inputs[0]];
    return 1.0 / static_cast<double>(input[1] * input[2]);
  }

  void check_source(const Branch& branch, const Node& source, const Node* max_pool) const {
    if (!source.as<Input>()) return;
    const Node& reader = graph_.node(branch.connection);
    if (max_pool) {
      fail<ConversionError>(
          "{}: pools the input image, but max pooling is an OR of spikes; put a convolution and a ReLU before it",
          label(*max_pool));
    }
    if (branch.diagonal) {
      fail<ConversionError>(
          "{}: reads the network's input without a weight, but the input's grid is folded into the first weights; "
          "put a 1x1 convolution on that path",
          label(reader));
    }
  }

  /// A value that is neither spikes nor pools of spikes stands where spikes must stand.
  [[noreturn]] void refuse_currents(const Branch& branch, const Node& node, const Node* max_pool) const {
    const Node& reader = max_pool ? *max_pool : graph_.node(branch.connection);
    if (node.as<BatchNorm2d>()) {
      fail<ConversionError>("{}: has not been folded into a convolution; run fold_batch_norm first", label(node));
    }
    fail<ConversionError>("{}: reads the currents of {} with no activation between; put a ReLU behind '{}'",
                          label(reader), label(node), node.name);
  }

  const Graph& graph_;
  NodeId layer_;
  std::vector<std::vector<NodeId>> consumers_;
  std::vector<Branch> branches_;
};

}  // namespace

bool is_activation(const Node& node) { return node.as<ReLU>() || node.as<QCFS>() || node.as<IF>(); }

std::vector<Branch> branches(const Graph& graph, NodeId layer) {
  const Node& node = graph.node(layer);
  ensure(is_activation(node) || node.as<Output>(), "branches() needs an activation or the Output node");
  return BranchWalk(graph, layer).collect();
}

}  // namespace neurocuda::ir
