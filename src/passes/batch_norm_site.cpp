#include "passes/batch_norm_site.hpp"

#include <fmt/format.h>

namespace neurocuda::passes {
namespace {

bool is_transparent(const ir::Node& node) {
  return node.as<ir::Identity>() || node.as<ir::Dropout>() || node.as<ir::BatchNorm2d>();
}

BatchNormSite refused_because_shared(const ir::Graph& graph, ir::NodeId shared, const std::vector<ir::NodeId>& readers,
                                     ir::NodeId path) {
  const ir::NodeId other = readers[0] == path ? readers[1] : readers[0];
  return {.reason = fmt::format("cannot be folded: {} is read by '{}' too", label(graph.node(shared)),
                                graph.node(other).name),
          .remedy = "let the other reader read the batch norm, or give it a layer of its own"};
}

}  // namespace

BatchNormSite find_batch_norm_site(const ir::Graph& graph, const std::vector<std::vector<ir::NodeId>>& consumers,
                                   ir::NodeId batch_norm) {
  ir::NodeId layer = batch_norm;
  while (is_transparent(graph.node(layer))) layer = graph.node(layer).inputs[0];
  const ir::Node& found = graph.node(layer);
  if (!found.as<ir::Conv2d>() && !found.as<ir::Linear>()) {
    return {.reason = fmt::format("cannot be folded: it follows {}, not a convolution or linear layer", label(found)),
            .remedy = "train the network with its batch norms directly behind convolutions (post-activation)"};
  }
  for (ir::NodeId reader = batch_norm; reader != layer; reader = graph.node(reader).inputs[0]) {
    const ir::NodeId read = graph.node(reader).inputs[0];
    if (consumers[read].size() > 1) return refused_because_shared(graph, read, consumers[read], reader);
  }
  return {.layer = layer};
}

}  // namespace neurocuda::passes
