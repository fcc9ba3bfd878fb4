#include <set>

#include "neurocuda/base/error.hpp"
#include "nir/graph.hpp"

namespace neurocuda::nir {
namespace {

Tree take_branch(Tree& tree, const std::string& name) {
  const auto found = tree.branches.find(name);
  if (found == tree.branches.end()) return {};
  Tree branch = std::move(found->second);
  tree.branches.erase(found);
  return branch;
}

std::string take_type(Tree& tree, std::string_view origin, const std::string& where) {
  const auto found = tree.leaves.find("type");
  const auto* text =
      found == tree.leaves.end() ? nullptr : std::get_if<std::vector<std::string>>(&found->second.values);
  if (text == nullptr || text->size() != 1) fail("{}: {}/type: is missing; a NIR file is wanted", origin, where);
  std::string type = text->front();
  tree.leaves.erase(found);
  return type;
}

std::vector<Edge> edges_from(const Tree& graph, std::string_view origin) {
  const auto found = graph.leaves.find("edges");
  if (found == graph.leaves.end()) fail("{}: /node/edges: is missing; a NIR file is wanted", origin);
  const Array& array = found->second;
  if (element_count(array.shape) == 0) return {};  // Python stores an empty list as numbers
  const auto* names = std::get_if<std::vector<std::string>>(&array.values);
  if (names == nullptr || array.shape.size() != 2 || array.shape[1] != 2) {
    fail("{}: /node/edges: has shape {}, pairs of node names are wanted; the file is damaged", origin,
         to_string(array.shape));
  }
  std::vector<Edge> edges;
  for (std::size_t i = 0; i + 1 < names->size(); i += 2) edges.emplace_back((*names)[i], (*names)[i + 1]);
  return edges;
}

void check_edges(const Graph& graph, std::string_view origin) {
  std::set<std::string> names;
  for (const Node& node : graph.nodes) names.insert(node.name);
  std::set<Edge> seen;
  for (const Edge& edge : graph.edges) {
    for (const std::string& end : {edge.first, edge.second}) {
      if (!names.contains(end)) {
        fail("{}: edge '{}' -> '{}': there is no node '{}'; the file is damaged", origin, edge.first, edge.second, end);
      }
    }
    if (!seen.insert(edge).second) {
      fail("{}: edge '{}' -> '{}': stands twice; keep one of them", origin, edge.first, edge.second);
    }
  }
}

Node node_from(std::string name, Tree tree, std::string_view origin) {
  Node node;
  node.type = take_type(tree, origin, "/node/nodes/" + name);
  node.metadata = take_branch(tree, "metadata");
  node.name = std::move(name);
  node.parameters = std::move(tree);
  return node;
}

}  // namespace

Graph graph_from(Tree tree, std::string_view origin) {
  Tree root = take_branch(tree, "node");
  const std::string type = take_type(root, origin, "/node");
  if (type != "NIRGraph") fail("{}: /node/type: is '{}'; a NIRGraph is wanted", origin, type);
  Graph graph;
  graph.metadata = take_branch(root, "metadata");
  Tree nodes = take_branch(root, "nodes");
  for (auto& [name, node] : nodes.branches) graph.nodes.push_back(node_from(name, std::move(node), origin));
  graph.edges = edges_from(root, origin);
  check_edges(graph, origin);
  return graph;
}

}  // namespace neurocuda::nir
