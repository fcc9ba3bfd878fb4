#pragma once

#include <string>
#include <vector>

#include "neurocuda/ir/graph.hpp"

namespace neurocuda::passes {

/// Where a batch norm can be folded to, or why it cannot.
struct BatchNormSite {
  ir::NodeId layer = 0;     ///< the Conv2d or Linear node; meaningless when refused
  std::string reason = {};  ///< empty when the fold is possible
  std::string remedy = {};
  bool possible() const { return reason.empty(); }
};

/// Walks back from the BatchNorm2d node over identities and other batch norms to the layer that it scales. Every node
/// on the way, the layer included, must have this one reader: other readers would see the folded weights too.
BatchNormSite find_batch_norm_site(const ir::Graph& graph, const std::vector<std::vector<ir::NodeId>>& consumers,
                                   ir::NodeId batch_norm);

}  // namespace neurocuda::passes
