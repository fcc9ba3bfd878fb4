#include "neurocuda/training/activity_penalty.hpp"

#include "neurocuda/ir/analysis.hpp"
#include "neurocuda/ir/branches.hpp"
#include "neurocuda/neurons/channel_mean.hpp"
#include "neurocuda/passes/passes.hpp"

namespace neurocuda::training {
namespace {

/// Along one axis: how many pairs of an output position and a kernel tap meet an input, not padding.
std::int64_t meetings(std::int64_t input, std::int64_t output, std::int64_t kernel, std::int64_t stride,
                      std::int64_t padding, std::int64_t dilation) {
  std::int64_t count = 0;
  for (std::int64_t o = 0; o < output; ++o) {
    for (std::int64_t k = 0; k < kernel; ++k) {
      const std::int64_t i = o * stride - padding + k * dilation;
      count += i >= 0 && i < input;
    }
  }
  return count;
}

/// Multiply-accumulates of one connection.
double macs(const ir::Node& connection, const Shape& input, const Shape& output) {
  if (const auto* linear = connection.as<ir::Linear>()) return static_cast<double>(linear->weight.size());
  const auto* conv = connection.as<ir::Conv2d>();
  if (!conv) return 0;
  const Window& w = conv->window;
  const auto rows =
      meetings(input[1], output[1], w.kernel.height, w.stride.height, w.padding.height, w.dilation.height);
  const auto columns = meetings(input[2], output[2], w.kernel.width, w.stride.width, w.padding.width, w.dilation.width);
  return static_cast<double>(conv->weight.extent(0) * conv->weight.extent(1)) * static_cast<double>(rows * columns);
}

}  // namespace

std::map<ir::NodeId, double> synops_per_spike(const ir::Graph& graph) {
  const ir::Graph folded = passes::fold_batch_norm(graph);
  const auto shapes = ir::infer_shapes(folded);
  const ir::Wiring wiring(folded);
  std::map<ir::NodeId, double> result;
  for (ir::NodeId id = 0; id < folded.size(); ++id) {
    const ir::Node& node = folded.node(id);
    if (!ir::is_activation(node) && !node.as<ir::Output>()) continue;
    for (const ir::Branch& branch : ir::branches(wiring, id)) {
      const ir::Node& source = folded.node(branch.source);
      if (source.as<ir::Input>()) continue;
      // A spike that a pool counts reaches the weights of the pooled value.
      const double reached =
          branch.diagonal ? 1.0
                          : macs(folded.node(branch.connection), shapes[branch.value], shapes[branch.connection]) /
                                static_cast<double>(element_count(shapes[branch.value]));
      result[graph.find(source.name)] += reached;
    }
  }
  return result;
}

ActivityPenalty::ActivityPenalty(network::Network& network)
    : network_(network), share_(synops_per_spike(network.graph())) {
  const auto shapes = ir::infer_shapes(network.graph());
  double total = 0;
  for (auto& [id, reached] : share_) {
    reached *= static_cast<double>(element_count(shapes[id]));
    total += reached;
  }
  for (auto& [id, reached] : share_) reached /= total;
}

void ActivityPenalty::see(ir::NodeId activation, const torch::Tensor& mean) {
  const auto found = share_.find(activation);
  if (found == share_.end()) return;
  const network::NodeTensors& t = network_.tensors(activation);
  const auto unit = t.theta.defined() ? t.theta : network::to_positive(t.lambda_raw);
  // Mean rate: the mean over images and positions per channel, in units of the channel's threshold.
  const auto rate = (neurons::channel_mean(mean) / unit).mean() * found->second;
  sum_ = sum_.defined() ? sum_ + rate : rate;
}

}  // namespace neurocuda::training
