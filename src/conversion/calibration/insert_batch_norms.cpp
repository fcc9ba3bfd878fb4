#include "conversion/calibration/insert_batch_norms.hpp"

#include <cmath>
#include <map>

#include "neurocuda/network/channel_moments.hpp"
#include "neurocuda/network/device.hpp"
#include "neurocuda/network/float_pass.hpp"

namespace neurocuda::conversion {
namespace {

bool needs_norm(const ir::Graph& graph, const std::vector<std::vector<ir::NodeId>>& consumers, ir::NodeId id) {
  const ir::Node& node = graph.node(id);
  if (!node.as<ir::Conv2d>() && !node.as<ir::Linear>()) return false;
  for (const ir::NodeId reader : consumers[id]) {
    if (graph.node(reader).as<ir::Output>() || graph.node(reader).as<ir::BatchNorm2d>()) return false;
  }
  return true;
}

std::map<ir::NodeId, network::ChannelMoments> measure(const ir::Graph& graph, const data::Dataset& sample,
                                                      const network::ComputeOptions& compute) {
  network::Network network(graph, network::prepare_device(compute));
  std::map<ir::NodeId, network::ChannelMoments> moments;
  network::ForwardOptions forward;
  forward.observe_currents = [&](ir::NodeId id, const torch::Tensor& current) { moments[id].add(current); };
  network::for_each_batch(
      network, sample, forward, 128, [](const torch::Tensor&, const torch::Tensor&) {}, silent_progress());
  return moments;
}

/// Makes every filter a unit vector; the norms that they had, (O,) (1 for a filter of zeros).
template <class Affine>
std::vector<double> normalize_filters(Affine& layer) {
  const std::int64_t channels = layer.weight.extent(0), row = layer.weight.size() / channels;
  std::vector<double> norms;
  for (std::int64_t c = 0; c < channels; ++c) {
    double squares = 0;
    for (std::int64_t i = c * row; i < (c + 1) * row; ++i) squares += double{layer.weight[i]} * layer.weight[i];
    const double norm = squares > 0 ? std::sqrt(squares) : 1.0;
    for (std::int64_t i = c * row; i < (c + 1) * row; ++i) layer.weight[i] = static_cast<float>(layer.weight[i] / norm);
    if (layer.bias) (*layer.bias)[c] = static_cast<float>((*layer.bias)[c] / norm);
    norms.push_back(norm);
  }
  return norms;
}

std::vector<double> normalize_filters(ir::Operator& op) {
  if (auto* conv = std::get_if<ir::Conv2d>(&op)) return normalize_filters(*conv);
  return normalize_filters(std::get<ir::Linear>(op));
}

/// The batch norm that gives back what the layer gave before its filters had norm 1.
ir::BatchNorm2d undoing(const std::vector<double>& norms, const network::ChannelMoments& moments) {
  const auto channels = static_cast<std::int64_t>(norms.size());
  const auto mean = moments.mean().cpu(), variance = moments.variance().cpu();
  ir::BatchNorm2d norm;
  for (auto* part : {&norm.gamma, &norm.beta, &norm.mean, &norm.variance}) *part = Tensor<float>({channels});
  for (std::int64_t c = 0; c < channels; ++c) {
    const double r = norms[static_cast<std::size_t>(c)], m = mean[c].item<double>(), v = variance[c].item<double>();
    norm.mean[c] = static_cast<float>(m / r);
    norm.variance[c] = static_cast<float>(v / (r * r));
    norm.gamma[c] = static_cast<float>(r * std::sqrt(double{norm.variance[c]} + double{norm.epsilon}));
    norm.beta[c] = static_cast<float>(m);
  }
  return norm;
}

}  // namespace

ir::Graph insert_batch_norms(const ir::Graph& graph, const data::Dataset& dataset, std::int64_t images,
                             const network::ComputeOptions& compute) {
  const auto consumers = graph.consumers();
  auto moments = measure(graph, data::head(dataset, images), compute);
  ir::Graph result;
  result.name = graph.name;
  std::vector<ir::NodeId> made;
  for (ir::NodeId id = 0; id < graph.size(); ++id) {
    const ir::Node& node = graph.node(id);
    std::vector<ir::NodeId> inputs;
    for (const ir::NodeId input : node.inputs) inputs.push_back(made[input]);
    made.push_back(result.add(node.name, node.op, std::move(inputs)));
    if (!needs_norm(graph, consumers, id)) continue;
    const auto norms = normalize_filters(result.op(made.back()));
    made.back() = result.add(graph.unique_name(node.name + ".bn"), undoing(norms, moments.at(id)), {made.back()});
  }
  return result;
}

}  // namespace neurocuda::conversion
