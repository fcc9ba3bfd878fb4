#include "conversion/layerwise/layer_fitter.hpp"

#include "conversion/layerwise/thresholds.hpp"
#include "conversion/stage_options.hpp"
#include "conversion/usable_activations.hpp"
#include "neurocuda/base/error.hpp"
#include "neurocuda/compiler/quantize.hpp"
#include "neurocuda/network/device.hpp"
#include "neurocuda/network/weight_grid.hpp"
#include "neurocuda/neurons/channel_kernel.hpp"
#include "neurocuda/neurons/qcfs.hpp"
#include "neurocuda/passes/passes.hpp"

namespace neurocuda::conversion::layerwise {
namespace {

/// The same nodes with IF neurons, whose thresholds are still to be found where there are ReLUs.
ir::Graph with_neurons(const ir::Graph& graph, bool are_signed) {
  const auto shapes = ir::infer_shapes(graph);
  const ir::Graph spiking = passes::substitute_if(graph);
  return passes::map_operators(spiking, [&](const ir::Node& node) -> ir::Operator {
    if (const auto* neurons = node.as<ir::IF>())
      return ir::IF{neurons->theta, neurons->v0, neurons->bias_by_timestep, are_signed};
    if (!node.as<ir::ReLU>()) return node.op;
    const Shape channels{shapes[spiking.find(node.name)][0]};
    return ir::IF{Tensor<float>(channels, 1.0F), Tensor<float>(channels, 0.5F), {}, are_signed};
  });
}

/// In the exact mode all neurons are plain.
bool makes_signed(const Settings& settings) {
  return settings.neuron == program::NeuronKind::signed_ && settings.mode == program::Mode::synchronous;
}

}  // namespace

LayerFitter::LayerFitter(const ir::Graph& network, const ImageBlocks& images, const Settings& settings,
                         torch::Device device)
    : images_(images),
      settings_(settings),
      grid_(grid_of(settings)),
      given_(network, device),
      spiking_(with_neurons(network, makes_signed(settings)), device),
      layers_(layer_paths(spiking_.graph())),
      shapes_(ir::infer_shapes(spiking_.graph())) {
  for (const LayerPaths& layer : layers_) {
    for (const BranchPath& path : layer.branches) ++readers_left_[path.branch.source];
  }
  graph().input_operator().spike_train ? start_with_trains() : start_with_images();
}

void LayerFitter::start_with_images() {
  const ir::NodeId input = graph().input();
  const auto scale = network::input_grid_scale(graph(), grid_);
  for (std::int64_t block = 0; block < images_.count(); ++block) {
    activations_[input].push_back(images_[block]);
    sent_[input].push_back(SentValues::constant(network::round_to_input_grid(images_[block], scale, grid_.input_bits)));
  }
}

/// The network that is converted sees the mean of a spike train over all of its timesteps.
void LayerFitter::start_with_trains() {
  const ir::NodeId input = graph().input();
  for (std::int64_t block = 0; block < images_.count(); ++block) {
    activations_[input].push_back(images_[block].mean(1));
    SentValues sent(torch::ones({images_[block].size(2)}, images_[block].options()), settings_.timesteps);
    for (int t = 0; t < settings_.timesteps; ++t) sent.add_timestep(images_[block].select(1, t).to(torch::kInt8));
    sent_[input].push_back(std::move(sent));
  }
}

LayerFit LayerFitter::fit(const LayerPaths& layer) {
  fitted_ = fitted_branches(layer);
  start_from_given(layer);
  observe(layer);
  const LayerFit fit = refit_weights(layer);
  set_thresholds(layer);
  fire(layer);
  forget(layer);
  return fit;
}

torch::Tensor LayerFitter::given_current(const LayerPaths& layer, std::int64_t block) {
  torch::Tensor sum;
  for (const BranchPath& path : layer.branches) {
    const auto& source = activations_.at(path.branch.source)[static_cast<std::size_t>(block)];
    const auto current = current_of(given_, path, behind_pools(graph(), path, source));
    sum = sum.defined() ? sum + current : current;
  }
  const auto bias = bias_of(given_, layer);
  return bias.defined() ? sum + neurons::per_channel(bias, sum) : sum;
}

torch::Tensor LayerFitter::activation(ir::NodeId node, const torch::Tensor& current) {
  const ir::Node& op = given_.graph().node(node);
  if (const auto* relu = op.as<ir::ReLU>()) return relu->capped() ? current.clamp(0, relu->cap) : current.clamp_min(0);
  if (const auto* qcfs = op.as<ir::QCFS>()) {
    return neurons::qcfs(current, network::to_positive(given_.tensors(node).lambda_raw), qcfs->levels);
  }
  return current;
}

void LayerFitter::set_thresholds(const LayerPaths& layer) {
  network::NodeTensors& neurons = spiking_.tensors(layer.node);
  const ByBlock& activations = activations_.at(layer.node);
  if (!is_output(layer)) require_usable(graph().node(layer.node), largest_by_channel(images_, activations));
  if (given_.graph().node(layer.node).as<ir::ReLU>()) {
    const auto theta = least_squares_thresholds(images_, activations, settings_.timesteps);
    neurons.theta.copy_(theta);
    neurons.v0.copy_(theta / 2);
  }
  scale_ = spiking_.weight_grid().snap_layer(spiking_, layer.node, grid_);
  skip_factors_.clear();
  for (const BranchPath& path : layer.branches)
    skip_factors_.push_back(path.branch.diagonal && scale_.defined() ? skip_factor(path, scale_) : torch::Tensor());
}

/// What rounding makes of an identity skip, (C,): its weight on the grid over its weight.
torch::Tensor LayerFitter::skip_factor(const BranchPath& path, const torch::Tensor& scale) const {
  const auto& source = spiking_.tensors(path.branch.source);
  const auto theta = source.theta.to(torch::kCPU, torch::kFloat64), k = scale.to(torch::kCPU, torch::kFloat64);
  auto factor = torch::ones_like(k);
  for (std::int64_t c = 0; c < k.numel(); ++c) {
    const double value = theta[c].item<double>() * path.branch.gain, unit = k[c].item<double>();
    const auto code = compiler::quantize_diagonal(value, unit, grid_.weight_bits);
    factor[c] = std::ldexp(code.weight, code.shift) * unit / value;
  }
  return factor.to(scale.device(), torch::kFloat32);
}

void LayerFitter::forget(const LayerPaths& layer) {
  for (const BranchPath& path : layer.branches) {
    if (--readers_left_[path.branch.source] > 0) continue;
    activations_.erase(path.branch.source);
    sent_.erase(path.branch.source);
  }
  sums_.clear();
}

}  // namespace neurocuda::conversion::layerwise
