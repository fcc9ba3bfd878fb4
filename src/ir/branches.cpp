#include "neurocuda/ir/branches.hpp"

#include <utility>

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
      collect_currents();
    }
    return std::move(branches_);
  }

 private:
  /// A value that brings current, and the Add or layer that reads it.
  struct Current {
    NodeId value;
    NodeId reader;
  };

  /// Depth first over the Adds, on a stack of its own: graphs from files may be arbitrarily deep.
  void collect_currents() {
    std::vector<Current> pending{{graph_.node(layer_).inputs[0], layer_}};
    while (!pending.empty()) {
      const Current current = pending.back();
      pending.pop_back();
      const NodeId id = skip_pass_through(current.value);
      const Node& node = graph_.node(id);
      if (node.as<Add>()) {
        pending.push_back({node.inputs[1], id});
        pending.push_back({node.inputs[0], id});
      } else if (is_connection(node)) {
        branches_.push_back(walk_to_source({.connection = id, .value = node.inputs[0]}));
      } else {
        branches_.push_back(walk_to_source({.connection = current.reader, .diagonal = true, .value = current.value}));
      }
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
    branches_.push_back(walk_to_source({.connection = id, .value = last.inputs[0]}));
  }

  /// The node behind Identity and Dropout. Spikes may pass through these to many readers; currents may not.
  NodeId skip_pass_through(NodeId id) const {
    const NodeId first = id;
    while (is_pass_through(graph_.node(id))) id = graph_.node(id).inputs[0];
    const Node& node = graph_.node(id);
    if (is_connection(node) || node.as<Add>()) {
      for (NodeId on_path = first; on_path != id; on_path = graph_.node(on_path).inputs[0])
        require_single_reader(on_path);
      require_single_reader(id);
    }
    return id;
  }

  void require_single_reader(NodeId id) const {
    const auto& readers = consumers_[id];
    if (readers.size() == 1) return;
    fail<ConversionError>(
        "{}: its sum of currents is read by both '{}' and '{}' (a pre-activation residual stream); "
        "put an activation directly behind it and let the readers share that",
        label(graph_.node(id)), graph_.node(readers[0]).name, graph_.node(readers[1]).name);
  }

  /// Fills in source and gain by walking back from branch.value.
  Branch walk_to_source(Branch branch) {
    const Node* max_pool = nullptr;  // the last one passed: what stands before it must be spikes
    NodeId reader = branch.connection;
    for (NodeId id = branch.value;; id = graph_.node(id).inputs[0]) {
      const Node& node = graph_.node(id);
      if (is_activation(node) || node.as<Input>()) {
        check_source(branch, node, max_pool);
        branch.source = id;
        return branch;
      }
      step_back(branch, id, reader, max_pool);
      if (!is_pass_through(node)) reader = id;
    }
  }

  /// One node between the connection and its source.
  void step_back(Branch& branch, NodeId id, NodeId reader, const Node*& max_pool) {
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
      refuse_currents(graph_.node(reader), node);
    } else if (branch.diagonal) {
      fail<ConversionError>("{}: an identity skip into '{}' cannot pass a Flatten; use a Linear layer on that path",
                            label(node), graph_.node(branch.connection).name);
    }
  }

  double average_gain(NodeId id) {
    if (const auto* pool = graph_.node(id).as<AvgPool2d>()) {
      return 1.0 / static_cast<double>(pool->window.kernel.height * pool->window.kernel.width);
    }
    if (shapes_.empty()) shapes_ = infer_shapes(graph_);
    const Shape& input = shapes_[graph_.node(id).inputs[0]];
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
  [[noreturn]] static void refuse_currents(const Node& reader, const Node& node) {
    if (node.as<BatchNorm2d>()) {
      fail<ConversionError>("{}: has not been folded into a convolution; run fold_batch_norm first", label(node));
    }
    fail<ConversionError>("{}: reads the currents of {} with no activation between; put a ReLU behind '{}'",
                          label(reader), label(node), node.name);
  }

  const Graph& graph_;
  NodeId layer_;
  std::vector<std::vector<NodeId>> consumers_;
  std::vector<Shape> shapes_;  // inferred when a GlobalAvgPool is met
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
