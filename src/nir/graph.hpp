#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "nir/tree.hpp"

namespace neurocuda::nir {

/// One primitive of a NIR graph: its parameters and its metadata as stored.
struct Node {
  std::string name;
  std::string type;  ///< "Conv2d", "IF", ...
  Tree parameters;   ///< without type and metadata
  Tree metadata;
};

using Edge = std::pair<std::string, std::string>;

/// A flat NIR graph. Edges from several nodes into one are summed.
struct Graph {
  std::vector<Node> nodes;
  std::vector<Edge> edges;
  Tree metadata;
};

/// The tree of a NIR file (/version and /node) that holds the graph.
Tree to_tree(const Graph& graph);

/// The graph of a NIR file. Throws UserError that starts with `origin` when /node is not a well-formed NIRGraph: parts
/// missing, an edge that ends nowhere or stands twice. Nodes come back in alphabetical order.
Graph graph_from(Tree tree, std::string_view origin);

}  // namespace neurocuda::nir
