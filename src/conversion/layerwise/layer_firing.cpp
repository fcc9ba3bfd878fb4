// What the neurons of a layer send, and the biases that make its mean right.
#include "conversion/layerwise/layer_fitter.hpp"
#include "conversion/layerwise/layer_neurons.hpp"
#include "neurocuda/neurons/channel_kernel.hpp"

namespace neurocuda::conversion::layerwise {

torch::Tensor LayerFitter::spiking_current(const LayerPaths& layer, std::int64_t block, std::optional<int> t) {
  torch::Tensor sum;
  for (std::size_t i = 0; i < layer.branches.size(); ++i) {
    const BranchPath& path = layer.branches[i];
    const SentValues& sent = sent_.at(path.branch.source)[static_cast<std::size_t>(block)];
    auto current = current_of(spiking_, path, t ? read_at(graph(), path, sent, *t) : mean_read(path, block));
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

torch::Tensor LayerFitter::mean_by_channel(const ReadValues& read,
                                           const std::function<torch::Tensor(std::int64_t)>& values) const {
  const auto sum = images_.sum(images_.count(), [&](std::int64_t block) { return sum_by_channel(values(block)); });
  return sum / (static_cast<double>(images_.images()) * read.positions());
}

void LayerFitter::fire(const LayerPaths& layer) {
  const ReadValues read(graph(), layer.node, shapes_);
  const ByBlock& activations = activations_.at(layer.node);
  const auto wanted =
      mean_by_channel(read, [&](std::int64_t block) { return read.of(activations[static_cast<std::size_t>(block)]); });
  if (is_output(layer)) {
    offset_logits(layer, wanted);
  } else if (settings_.mode == program::Mode::exact) {
    accumulate_then_fire(layer, read, wanted);
  } else {
    fire_through_time(layer, read, wanted);
  }
}

void LayerFitter::fire_through_time(const LayerPaths& layer, const ReadValues& read, const torch::Tensor& wanted) {
  network::NodeTensors& neurons = spiking_.tensors(layer.node);
  const bool are_signed = graph().node(layer.node).as<ir::IF>()->is_signed;
  LayerNeurons population(images_, neurons.theta, neurons.v0, are_signed);
  auto& sent = sent_[layer.node];
  sent.assign(static_cast<std::size_t>(images_.count()), SentValues(neurons.theta, settings_.timesteps, are_signed));
  const auto theta = neurons.theta.to(torch::kFloat64);
  const auto mean_with = [&](const torch::Tensor& bias) {
    return theta * mean_by_channel(read, [&](std::int64_t block) {
             return read.growth(sent[static_cast<std::size_t>(block)].counts(), population.would_fire(block, bias));
           });
  };
  std::vector<torch::Tensor> rows;
  for (int t = 0; t < settings_.timesteps; ++t) {
    images_.for_each([&](std::int64_t block) { population.integrate(block, spiking_current(layer, block, t)); });
    rows.push_back(on_grid(bias_towards(wanted, mean_with)));
    images_.for_each([&](std::int64_t block) {
      sent[static_cast<std::size_t>(block)].add_timestep(population.fire(block, rows.back()));
    });
  }
  neurons.bias_by_timestep = torch::stack(rows);
}

void LayerFitter::accumulate_then_fire(const LayerPaths& layer, const ReadValues& read, const torch::Tensor& wanted) {
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
  const auto unit = neurons.theta.to(torch::kFloat64) / timesteps;
  const auto row = on_grid(bias_towards(wanted, [&](const torch::Tensor& bias) {
    return unit * mean_by_channel(read, [&](std::int64_t block) { return read.of(counts(block, bias)); });
  }));
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
