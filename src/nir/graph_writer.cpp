#include "nir/graph.hpp"

namespace neurocuda::nir {
namespace {

// The release of the Python package whose layout is followed.
constexpr const char* kNirVersion = "1.0.8";

Tree node_tree(const Node& node) {
  Tree tree = node.parameters;
  tree.leaves["type"] = Array::scalar(node.type);
  if (!node.metadata.empty()) tree.branches["metadata"] = node.metadata;
  return tree;
}

Array edge_array(const std::vector<Edge>& edges) {
  std::vector<std::string> names;
  for (const auto& [from, to] : edges) {
    names.push_back(from);
    names.push_back(to);
  }
  return {{static_cast<std::int64_t>(edges.size()), 2}, std::move(names)};
}

}  // namespace

Tree to_tree(const Graph& graph) {
  Tree node;
  node.leaves["type"] = Array::scalar(std::string("NIRGraph"));
  node.leaves["edges"] = edge_array(graph.edges);
  node.branches["nodes"];
  for (const Node& each : graph.nodes) node.branches["nodes"].branches[each.name] = node_tree(each);
  if (!graph.metadata.empty()) node.branches["metadata"] = graph.metadata;
  Tree root;
  root.leaves["version"] = Array::scalar(std::string(kNirVersion));
  root.branches["node"] = std::move(node);
  return root;
}

}  // namespace neurocuda::nir
