// What the neurons of a layer send, and the biases that make its mean right.
#include <algorithm>
#include <array>

#include "conversion/layerwise/layer_fitter.hpp"
#include "conversion/layerwise/layer_neurons.hpp"
#include "neurocuda/neurons/channel_kernel.hpp"

namespace neurocuda::conversion::layerwise {
namespace {

constexpr std::array kLatenesses{0.0, 0.2, 0.4};
constexpr int kMostLateTimesteps = 4;  // at T = 8 nothing is gained any more, and shorter runs lose (lab/)
constexpr std::int64_t kSearchImages = 200;

/// What a channel is to send at t as a share of its mean: it grows from 1 - lateness to 1 + lateness.
torch::Tensor share_at(int t, int timesteps, const torch::Tensor& lateness) {
  const double place = timesteps == 1 ? 0 : 2.0 * t / (timesteps - 1) - 1;
  return 1 + place * lateness;
}

}  // namespace

torch::Tensor LayerFitter::spiking_current(const LayerPaths& layer, std::int64_t block, std::optional<int> t) {
  torch::Tensor sum;
  for (std::size_t i = 0; i < layer.branches.size(); ++i) {
    const BranchPath& path = layer.branches[i];
    const SentValues& sent = sent_.at(path.branch.source)[static_cast<std::size_t>(block)];
    auto current = current_of(spiking_, path, t ? behind_pools(graph(), path, sent.at(*t)) : mean_read(path, block));
    if (skip_factors_[i].defined()) current = current * neurons::per_channel(skip_factors_[i], current);
    sum = sum.defined() ? sum.add_(current) : current.clone();
  }
  const auto bias = bias_of(spiking_, layer);
  return bias.defined() ? sum.add_(neurons::per_channel(bias, sum)) : sum;
}

torch::Tensor LayerFitter::on_grid(const torch::Tensor& bias) const {
  if (!scale_.defined()) return bias.to(torch::kFloat32);
  const auto k = scale_.to(torch::kFloat64);
  return (torch::round(bias / k) * k).to(torch::kFloat32);
}

torch::Tensor LayerFitter::mean_activation(const LayerPaths& layer, std::int64_t blocks) const {
  const ByBlock& activations = activations_.at(layer.node);
  const double values = values_by_channel(std::span(activations).first(static_cast<std::size_t>(blocks)));
  return images_.sum(blocks, [&](std::int64_t b) { return sum_by_channel(activations[static_cast<std::size_t>(b)]); }) /
         values;
}

void LayerFitter::fire(const LayerPaths& layer) {
  const auto wanted = mean_activation(layer, images_.count());
  if (is_output(layer)) {
    offset_logits(layer, wanted);
  } else if (settings_.mode == program::Mode::exact) {
    accumulate_then_fire(layer, wanted);
  } else {
    const bool late = settings_.timesteps <= kMostLateTimesteps;
    fire_through_time(layer, wanted, late ? best_lateness(layer) : torch::zeros_like(wanted));
  }
}

torch::Tensor LayerFitter::best_lateness(const LayerPaths& layer) {
  const network::NodeTensors& neurons = spiking_.tensors(layer.node);
  const std::int64_t blocks = std::clamp<std::int64_t>(kSearchImages / images_[0].size(0), 1, images_.count());
  const auto wanted = mean_activation(layer, blocks);
  std::vector<LayerNeurons> tried(kLatenesses.size(), LayerNeurons(images_, blocks, neurons.theta, neurons.v0));
  std::vector<ByBlock> counts(kLatenesses.size(), ByBlock(static_cast<std::size_t>(blocks)));
  for (int t = 0; t < settings_.timesteps; ++t) {
    images_.in_parallel(blocks, [&](std::int64_t block) {
      const auto current = spiking_current(layer, block, t);
      for (LayerNeurons& candidate : tried) candidate.integrate(block, current);
    });
    for (std::size_t i = 0; i < tried.size(); ++i) {
      const auto share = share_at(t, settings_.timesteps, torch::full_like(wanted, kLatenesses[i]));
      const auto bias = tried[i].bias_for(wanted * share);
      images_.in_parallel(blocks, [&](std::int64_t block) {
        auto& count = counts[i][static_cast<std::size_t>(block)];
        const auto spikes = tried[i].fire(block, bias);
        count = count.defined() ? count.add_(spikes) : spikes.to(torch::kFloat32);
      });
    }
  }
  const ByBlock& activations = activations_.at(layer.node);
  torch::Tensor smallest, best = torch::zeros_like(wanted);
  for (std::size_t i = 0; i < tried.size(); ++i) {
    const auto error = images_.sum(blocks, [&](std::int64_t block) {
      const auto& count = counts[i][static_cast<std::size_t>(block)];
      const auto mean = count * neurons::per_channel(neurons.theta / settings_.timesteps, count);
      return sum_by_channel((mean - activations[static_cast<std::size_t>(block)]).square_());
    });
    const auto better = smallest.defined() ? error < smallest : torch::ones_like(error, torch::kBool);
    smallest = smallest.defined() ? torch::where(better, error, smallest) : error;
    best = torch::where(better, torch::full_like(best, kLatenesses[i]), best);
  }
  return best;
}

void LayerFitter::fire_through_time(const LayerPaths& layer, const torch::Tensor& wanted,
                                    const torch::Tensor& lateness) {
  network::NodeTensors& neurons = spiking_.tensors(layer.node);
  LayerNeurons population(images_, images_.count(), neurons.theta, neurons.v0);
  auto& sent = sent_[layer.node];
  sent.assign(static_cast<std::size_t>(images_.count()), SentValues(neurons.theta, settings_.timesteps));
  std::vector<torch::Tensor> rows;
  for (int t = 0; t < settings_.timesteps; ++t) {
    images_.for_each([&](std::int64_t block) { population.integrate(block, spiking_current(layer, block, t)); });
    rows.push_back(on_grid(population.bias_for(wanted * share_at(t, settings_.timesteps, lateness))));
    images_.for_each([&](std::int64_t block) {
      sent[static_cast<std::size_t>(block)].add_timestep(population.fire(block, rows.back()));
    });
  }
  neurons.bias_by_timestep = torch::stack(rows);
}

void LayerFitter::accumulate_then_fire(const LayerPaths& layer, const torch::Tensor& wanted) {
  network::NodeTensors& neurons = spiking_.tensors(layer.node);
  const int timesteps = settings_.timesteps;
  ByBlock membranes(static_cast<std::size_t>(images_.count()));
  images_.for_each([&](std::int64_t block) {
    auto v = spiking_current(layer, block, std::nullopt).mul_(timesteps);
    membranes[static_cast<std::size_t>(block)] = v.add_(neurons::per_channel(neurons.v0, v));
  });
  const auto counts = [&](std::int64_t block, const torch::Tensor& bias) {
    const auto& v = membranes[static_cast<std::size_t>(block)];
    const auto integral = v + neurons::per_channel(bias.to(torch::kFloat32) * timesteps, v);
    return (integral / neurons::per_channel(neurons.theta, v) + (1 - kFires)).floor_().clamp_(0, timesteps);
  };
  const double values = values_by_channel(membranes);
  const auto theta = neurons.theta.to(torch::kFloat64);
  auto bias = torch::zeros_like(wanted);
  for (int round = 0; round < kBiasRounds; ++round) {
    const auto sum = images_.sum(images_.count(), [&](std::int64_t b) { return sum_by_channel(counts(b, bias)); });
    bias = bias - kBiasStep * (theta * sum / values / timesteps - wanted);
  }
  const auto row = on_grid(bias);
  auto& sent = sent_[layer.node];
  sent.assign(membranes.size(), SentValues(neurons.theta, timesteps));
  images_.for_each([&](std::int64_t block) { sent[static_cast<std::size_t>(block)].set_counts(counts(block, row)); });
  neurons.bias_by_timestep = row.unsqueeze(0);
}

void LayerFitter::offset_logits(const LayerPaths& layer, const torch::Tensor& wanted) {
  const auto offset = [&](std::optional<int> t) {
    const auto sum = images_.sum(images_.count(),
                                 [&](std::int64_t block) { return sum_by_channel(spiking_current(layer, block, t)); });
    return on_grid(wanted - sum / static_cast<double>(images_.images()));
  };
  std::vector<torch::Tensor> rows;
  if (settings_.mode == program::Mode::exact) {
    rows.push_back(offset(std::nullopt));
  } else {
    for (int t = 0; t < settings_.timesteps; ++t) rows.push_back(offset(t));
  }
  spiking_.tensors(layer.node).bias_by_timestep = torch::stack(rows);
}

}  // namespace neurocuda::conversion::layerwise
