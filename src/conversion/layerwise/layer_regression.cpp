// The weights of a layer for the spikes that really arrive.
#include <algorithm>

#include "conversion/layerwise/layer_fitter.hpp"
#include "conversion/layerwise/unfolded_rows.hpp"
#include "neurocuda/base/error.hpp"
#include "neurocuda/ir/analysis.hpp"
#include "neurocuda/neurons/channel_kernel.hpp"

namespace neurocuda::conversion::layerwise {
namespace {

constexpr std::int64_t kRows = 32768;       // of the regression, about
constexpr std::int64_t kMostInputs = 6144;  // of an output: the sums take their square
constexpr std::int64_t kLanes = 5;          // sums that are made at the same time; the last one is of images kept back

std::int64_t inputs_of(const ir::Node& connection, const torch::Tensor& weight) {
  return connection.as<ir::Conv2d>() ? weight[0].numel() : weight.size(1);
}

}  // namespace

std::int64_t LayerFitter::rows_of_an_image() const { return std::max<std::int64_t>(8, kRows / images_.images()); }

std::vector<std::size_t> LayerFitter::fitted_branches(const LayerPaths& layer) const {
  std::vector<std::size_t> dense, grouped;
  std::int64_t inputs = 0;
  for (std::size_t i = 0; i < layer.branches.size(); ++i) {
    const ir::Branch& branch = layer.branches[i].branch;
    if (branch.diagonal || graph().node(branch.source).as<ir::Input>()) continue;
    const ir::Node& node = graph().node(branch.connection);
    const auto& weight = spiking_.tensors(branch.connection).weight;
    (connection_groups(node) == 1 ? dense : grouped).push_back(i);
    if (connection_groups(node) == 1) inputs += inputs_of(node, weight);
  }
  if (images_.count() < 2) return {};
  const Shape& output = shapes_[layer.node];
  const std::int64_t positions = output.size() == 3 ? output[1] * output[2] : 1;
  const std::int64_t rows = images_.images() * std::min(positions, rows_of_an_image());
  if (!dense.empty()) return inputs <= std::min(kMostInputs, rows) ? dense : std::vector<std::size_t>{};
  if (grouped.size() == 1) return grouped;
  return {};
}

/// Averages commute with the mean over time, and the maximum of counts is made of the counts of all timesteps.
torch::Tensor LayerFitter::mean_read(const BranchPath& path, std::int64_t block) const {
  return behind_pools(graph(), path, sent_.at(path.branch.source)[static_cast<std::size_t>(block)].mean());
}

void LayerFitter::observe(const LayerPaths& layer) {
  const std::int64_t lanes = std::min(kLanes, images_.count());
  ByBlock observed(static_cast<std::size_t>(images_.count()));
  sums_.assign(static_cast<std::size_t>(lanes), {});
  images_.in_parallel(lanes, [&](std::int64_t lane) {
    for (std::int64_t block = lane; block < images_.count(); block += lanes) {
      const auto current = given_current(layer, block);
      observed[static_cast<std::size_t>(block)] = activation(layer.node, current);
      if (!fitted_.empty()) add_rows(layer, block, current, sums_[static_cast<std::size_t>(lane)]);
    }
  });
  activations_[layer.node] = std::move(observed);
}

void LayerFitter::add_rows(const LayerPaths& layer, std::int64_t block, const torch::Tensor& wanted,
                           std::vector<NormalEquations>& sums) {
  const Shape output = wanted.sizes().slice(1).vec();
  const std::int64_t positions = output.size() == 3 ? output[1] * output[2] : 1;
  const auto at = sampled_positions(wanted.size(0), positions, rows_of_an_image(),
                                    settings_.seed * 1000003 + static_cast<std::uint64_t>(block) * 1009 + layer.node)
                      .to(wanted.device());
  auto y = rows_of_current(wanted, at);
  std::vector<torch::Tensor> inputs;
  for (std::size_t i = 0; i < layer.branches.size(); ++i) {
    const BranchPath& path = layer.branches[i];
    const auto read = mean_read(path, block);
    if (std::find(fitted_.begin(), fitted_.end(), i) == fitted_.end()) {
      y = y - rows_of_current(current_of(spiking_, path, read), at);
    } else {
      inputs.push_back(unfolded_rows(graph().node(path.branch.connection), read, output, at));
    }
  }
  const auto x = inputs.size() == 1 ? inputs.front() : torch::cat(inputs, 2);
  sums.resize(static_cast<std::size_t>(x.size(0)));
  const auto by_group = y.chunk(x.size(0), 1);
  for (std::size_t g = 0; g < sums.size(); ++g) sums[g].add(x[static_cast<std::int64_t>(g)], by_group[g], start_[g]);
}

void LayerFitter::start_from_given(const LayerPaths& layer) {
  start_.clear();
  widths_.clear();
  if (fitted_.empty()) return;
  std::vector<torch::Tensor> flat;  // (G, O / G, K) of every fitted branch
  for (const std::size_t i : fitted_) {
    const ir::NodeId connection = layer.branches[i].branch.connection;
    flat.push_back(flat_weight(graph().node(connection), spiking_.tensors(connection).weight));
    widths_.push_back(flat.back().size(2));
  }
  const auto weights = torch::cat(flat, 2);
  auto constant = bias_of(spiking_, layer);
  if (!constant.defined()) constant = torch::zeros({weights.size(0) * weights.size(1)}, weights.options());
  const auto constants = constant.view({weights.size(0), 1, weights.size(1)});
  start_ = torch::cat({weights.transpose(1, 2), constants}, 1).unbind();
}

LayerFit LayerFitter::refit_weights(const LayerPaths& layer) {
  LayerFit fit{graph().node(layer.node).name};
  if (fitted_.empty()) return fit;
  std::vector<torch::Tensor> fitted, fitted_constants;
  const auto groups = static_cast<double>(start_.size());
  for (std::size_t group = 0; group < start_.size(); ++group) {
    NormalEquations seen, held_out;
    for (auto& lane : sums_) {
      (&lane == &sums_.back() ? held_out : seen).add(lane[group]);
      lane[group] = {};
    }
    const Refit one = refit(seen, held_out, start_[group], widths_,
                            [&](std::int64_t count, const auto& work) { images_.in_parallel(count, work); });
    fitted.push_back(one.weights.narrow(0, 0, one.weights.size(0) - 1).t());
    fitted_constants.push_back(one.weights[-1]);
    fit.ridge = std::max(fit.ridge, one.lambda);
    fit.refitted += one.refitted / groups;
    fit.error_before += one.error_before / groups;
    fit.error_after += one.error_after / groups;
  }
  set_weights(layer, torch::stack(fitted).split_with_sizes(widths_, 2), torch::cat(fitted_constants));
  return fit;
}

void LayerFitter::set_weights(const LayerPaths& layer, const std::vector<torch::Tensor>& weights,
                              const torch::Tensor& constant) {
  for (const BranchPath& path : layer.branches) {
    if (path.branch.diagonal) continue;
    auto& bias = spiking_.tensors(path.branch.connection).bias;
    if (bias.defined()) bias.zero_();
  }
  for (std::size_t i = 0; i < fitted_.size(); ++i) {
    const ir::NodeId connection = layer.branches[fitted_[i]].branch.connection;
    network::NodeTensors& tensors = spiking_.tensors(connection);
    tensors.weight.copy_(from_flat_weight(graph().node(connection), weights[i], tensors.weight));
    if (i == 0) tensors.bias = constant.clone();
  }
}

}  // namespace neurocuda::conversion::layerwise
