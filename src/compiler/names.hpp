#pragma once

#include <string>
#include <unordered_set>

#include "neurocuda/ir/graph.hpp"

namespace neurocuda::compiler {

/// Hands out the names of a Program's nodes and synapse groups: unique over both, and fit for files (graphs from ONNX
/// use
/// '/', which is a path there).
class Names {
 public:
  explicit Names(const ir::Graph& graph);

  /// The graph node's name, or name_2, name_3, ... when it was handed out before.
  std::string claim(const std::string& graph_name);

 private:
  std::unordered_set<std::string> reserved_;  ///< those of the graph: a suffix must not run into them
  std::unordered_set<std::string> claimed_;
};

}  // namespace neurocuda::compiler
