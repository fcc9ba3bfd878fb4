#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "neurocuda/ir/operators.hpp"

namespace neurocuda::ir {

/// Position of a node in its graph.
using NodeId = std::size_t;

struct Node {
  std::string name;
  Operator op;
  std::vector<NodeId> inputs;

  template <class Op>
  const Op* as() const {
    return std::get_if<Op>(&op);
  }
  template <class Op>
  Op* as() {
    return std::get_if<Op>(&op);
  }
};

/// "Conv2d 'conv1'": how messages name a node.
std::string label(const Node& node);

/// A network as named nodes with typed operators. Nodes stand in topological order and can only read nodes
/// added before them, so a graph has no cycle by construction. Passes make new graphs rather than edit wiring.
class Graph {
 public:
  /// Adds a node. Throws UserError when the name is empty or taken, the number of inputs is not the
  /// operator's arity, or an input does not exist.
  NodeId add(std::string name, Operator op, std::vector<NodeId> inputs = {});

  std::size_t size() const { return nodes_.size(); }
  const Node& node(NodeId id) const { return nodes_.at(id); }
  /// Mutable access to the operator: parameters may change, wiring may not.
  Operator& op(NodeId id) { return nodes_.at(id).op; }
  const std::vector<Node>& nodes() const { return nodes_; }

  /// Throws UserError when there is no such node.
  NodeId find(std::string_view name) const;
  bool contains(std::string_view name) const;

  /// The only Input / Output node. Throws UserError when there is not exactly one.
  NodeId input() const;
  NodeId output() const;
  const Input& input_operator() const { return *node(input()).as<Input>(); }

  /// For every node, the nodes that read it, in order; a node that reads twice stands twice.
  std::vector<std::vector<NodeId>> consumers() const;

  /// base, or base_2, base_3, ...: the first that is free.
  std::string unique_name(std::string_view base) const;

  std::string name = "network";

 private:
  std::vector<Node> nodes_;
  std::unordered_map<std::string, NodeId> by_name_;
};

}  // namespace neurocuda::ir
