#include "neurocuda/ir/branches.hpp"

#include <optional>
#include <string>
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
  BranchWalk(const Wiring& wiring, NodeId layer) : wiring_(wiring), graph_(wiring.graph()), layer_(layer) {}

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

  /// Linear layers, or a sum of them.
  void collect_output() {
    collect_currents();
    for (const Branch& branch : branches_) {
      if (!branch.diagonal && graph_.node(branch.connection).as<Linear>()) continue;
      refuse(layer_,
             fmt::format("is fed by {}, but the last layer must be one Linear",
                         label(graph_.node(branch.diagonal ? branch.value : branch.connection))),
             "put a Flatten and a Linear before the Output");
    }
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
    const auto& readers = wiring_.readers(id);
    if (readers.size() == 1) return;
    refuse(id,
           fmt::format("its sum of currents is read by both '{}' and '{}' (a pre-activation residual stream)",
                       graph_.node(readers[0]).name, graph_.node(readers[1]).name),
           "put an activation directly behind it and let the readers share that");
  }

  /// Fills in source and gain by walking back from branch.value.
  Branch walk_to_source(Branch branch) {
    NodeId reader = branch.connection;
    std::optional<NodeId> max_pool;  // the last one passed: what stands before it must be spikes
    for (NodeId id = branch.value;; id = graph_.node(id).inputs[0]) {
      const Node& node = graph_.node(id);
      if (is_activation(node) || node.as<Input>()) {
        if (node.as<Input>()) check_input_branch(branch, max_pool);
        branch.source = id;
        return branch;
      }
      if (is_pass_through(node)) continue;
      if (node.as<MaxPool2d>()) {
        max_pool = id;
      } else if (node.as<AvgPool2d>() || node.as<GlobalAvgPool>()) {
        if (max_pool)
          refuse_max_pool(*max_pool, fmt::format("reads the average pool '{}'", node.name), "swap the two pools");
        branch.gain *= average_gain(id);
      } else {
        check_flatten(branch, id, reader);
      }
      reader = id;
    }
  }

  double average_gain(NodeId id) const {
    if (const auto* pool = graph_.node(id).as<AvgPool2d>()) {
      return 1.0 / static_cast<double>(pool->window.kernel.height * pool->window.kernel.width);
    }
    const Shape& input = wiring_.shape(graph_.node(id).inputs[0]);
    return 1.0 / static_cast<double>(input[1] * input[2]);
  }

  void check_input_branch(const Branch& branch, std::optional<NodeId> max_pool) const {
    if (max_pool) refuse_max_pool(*max_pool, "pools the input image", "put a convolution and a ReLU before it");
    if (!branch.diagonal) return;
    refuse(branch.connection,
           "reads the network's input without a weight, but the input's grid is folded into the first weights",
           "put a 1x1 convolution on that path");
  }

  /// Only Flatten may still stand between connection and source; anything else gives currents, not spikes.
  void check_flatten(const Branch& branch, NodeId id, NodeId reader) const {
    const Node& node = graph_.node(id);
    if (node.as<BatchNorm2d>()) refuse(id, "has not been folded into a convolution", "run fold_batch_norm first");
    if (!node.as<Flatten>()) {
      refuse(reader, fmt::format("reads the currents of {} with no activation between", label(node)),
             fmt::format("put a ReLU behind '{}'", node.name));
    }
    if (branch.diagonal) {
      refuse(id,
             fmt::format("stands directly before '{}', where channels must stay channels", graph_.node(reader).name),
             "move it behind the activation");
    }
  }

  [[noreturn]] void refuse_max_pool(NodeId id, const std::string& what, std::string remedy) const {
    refuse(id, what + ", but max pooling is an OR of spikes", std::move(remedy));
  }

  [[noreturn]] void refuse(NodeId id, std::string reason, std::string remedy) const {
    throw BranchRefusal(graph_, id, std::move(reason), std::move(remedy));
  }

  const Wiring& wiring_;
  const Graph& graph_;
  NodeId layer_;
  std::vector<Branch> branches_;
};

}  // namespace

BranchRefusal::BranchRefusal(const Graph& graph, NodeId id, std::string why, std::string advice)
    : ConversionError(fmt::format("{}: {}; {}", label(graph.node(id)), why, advice)),
      node(id),
      reason(std::move(why)),
      remedy(std::move(advice)) {}

bool is_activation(const Node& node) { return node.as<ReLU>() || node.as<QCFS>() || node.as<IF>(); }

const Shape& Wiring::shape(NodeId id) const {
  if (shapes_.empty()) shapes_ = infer_shapes(*graph_);
  return shapes_[id];
}

std::vector<Branch> branches(const Wiring& wiring, NodeId layer) {
  const Node& node = wiring.graph().node(layer);
  ensure(is_activation(node) || node.as<Output>(), "branches() needs an activation or the Output node");
  return BranchWalk(wiring, layer).collect();
}

}  // namespace neurocuda::ir
