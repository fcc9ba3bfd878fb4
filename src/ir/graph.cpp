#include "neurocuda/ir/graph.hpp"

#include <algorithm>
#include <utility>

#include "neurocuda/base/error.hpp"

namespace neurocuda::ir {
namespace {

template <class Op>
NodeId find_only(const Graph& graph, const char* operator_name) {
  const auto& nodes = graph.nodes();
  const auto is_op = [](const Node& node) { return node.as<Op>() != nullptr; };
  const auto count = std::count_if(nodes.begin(), nodes.end(), is_op);
  if (count != 1) {
    fail("graph '{}': has {} {} nodes; exactly one is needed", graph.name, count, operator_name);
  }
  return static_cast<NodeId>(std::find_if(nodes.begin(), nodes.end(), is_op) - nodes.begin());
}

}  // namespace

std::string label(const Node& node) { return fmt::format("{} '{}'", operator_name(node.op), node.name); }

NodeId Graph::add(std::string node_name, Operator op, std::vector<NodeId> inputs) {
  if (node_name.empty()) fail("graph '{}': a {} node has no name; every node needs one", name, operator_name(op));
  if (contains(node_name)) fail("node '{}': the name is taken already; names must be unique", node_name);
  if (inputs.size() != arity(op)) {
    fail("node '{}': {} takes {} input(s), not {}", node_name, operator_name(op), arity(op), inputs.size());
  }
  const NodeId id = nodes_.size();
  for (const NodeId input : inputs) {
    if (input >= id)
      fail("node '{}': its input {} does not exist; add a node after the nodes it reads", node_name, input);
  }
  by_name_.emplace(node_name, id);
  nodes_.push_back({std::move(node_name), std::move(op), std::move(inputs)});
  return id;
}

NodeId Graph::find(std::string_view node_name) const {
  const auto found = by_name_.find(std::string(node_name));
  if (found == by_name_.end()) {
    fail("graph '{}': there is no node '{}'; `neurocuda inspect` lists the names", name, node_name);
  }
  return found->second;
}

bool Graph::contains(std::string_view node_name) const { return by_name_.contains(std::string(node_name)); }

NodeId Graph::input() const { return find_only<Input>(*this, "Input"); }

NodeId Graph::output() const { return find_only<Output>(*this, "Output"); }

std::vector<std::vector<NodeId>> Graph::consumers() const {
  std::vector<std::vector<NodeId>> readers(size());
  for (NodeId id = 0; id < size(); ++id) {
    for (const NodeId input : nodes_[id].inputs) readers[input].push_back(id);
  }
  return readers;
}

std::string Graph::unique_name(std::string_view base) const {
  std::string candidate(base);
  for (int suffix = 2; contains(candidate); ++suffix) candidate = fmt::format("{}_{}", base, suffix);
  return candidate;
}

}  // namespace neurocuda::ir
