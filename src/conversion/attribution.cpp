#include "neurocuda/conversion/attribution.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

#include "conversion/stage_options.hpp"
#include "neurocuda/network/data_fit.hpp"
#include "neurocuda/network/device.hpp"
#include "neurocuda/network/network.hpp"
#include "neurocuda/neurons/channel_kernel.hpp"
#include "neurocuda/passes/passes.hpp"
#include "neurocuda/program/encode.hpp"
#include "neurocuda/runtime/backends.hpp"

namespace neurocuda::conversion {
namespace {

constexpr std::int64_t kBatch = 32;

/// Layer -> activations (N, C, ...), averaged over time.
using Rates = std::map<std::string, torch::Tensor>;

Rates rates_of(network::Network& network, const torch::Tensor& images, int timesteps, program::Mode mode) {
  Rates rates;
  network::ForwardOptions forward;
  forward.timesteps = timesteps;
  forward.mode = mode;
  forward.observe_means = [&](ir::NodeId id, const torch::Tensor& mean) {
    rates[network.graph().node(id).name] = mean.cpu();
  };
  network.forward(images, forward);
  return rates;
}

/// Mean spikes per step of one layer, (N, neurons).
torch::Tensor mean_spikes(const runtime::LayerRecord& layer) {
  auto mean = torch::zeros({layer.images, layer.neurons});
  auto* counts = mean.data_ptr<float>();
  for (std::int64_t image = 0; image < layer.images; ++image) {
    for (std::int64_t t = 0; t < layer.timesteps; ++t) {
      for (std::int64_t n = 0; n < layer.neurons; ++n)
        counts[image * layer.neurons + n] += static_cast<float>(layer.spike(image, t, n));
    }
  }
  return mean / static_cast<double>(layer.timesteps);
}

/// IF layers of the Program stand in the order of the graph's IF nodes.
Rates run_program(const runtime::Executable& executable, const ir::Graph& spiking, const program::EncodedInput& input) {
  runtime::RunOptions options;
  options.mode = executable.program().mode;
  options.wanted.recording = runtime::Recording::spikes;
  const auto result = executable.run(input, options);
  Rates rates;
  std::size_t next = 0;
  for (const ir::Node& node : spiking.nodes()) {
    const auto* neurons = node.as<ir::IF>();
    if (!neurons) continue;
    const runtime::LayerRecord& layer = result.record().layers.at(next++);
    const auto theta = network::to_torch(neurons->theta, torch::kCPU);
    rates[node.name] = (mean_spikes(layer).view({layer.images, theta.numel(), -1}) * theta.view({1, -1, 1}));
  }
  return rates;
}

/// Sums of squares over the batches of one layer.
struct Sums {
  std::array<double, 5> squares{};
  double count = 0;
};

void add(Sums& sums, const std::array<torch::Tensor, 6>& chain, const torch::Tensor& theta) {
  const auto flat = [&](const torch::Tensor& x) { return x.reshape({x.size(0), theta.numel(), -1}); };
  const auto unit = theta.view({1, -1, 1});
  for (std::size_t i = 0; i + 1 < chain.size(); ++i)
    sums.squares[i] += ((flat(chain[i]) - flat(chain[i + 1])) / unit).square().sum().item<double>();
  sums.count += static_cast<double>(chain[0].numel());
}

ir::Graph with_relus(const ir::Graph& spiking) {
  return passes::map_operators(spiking, [](const ir::Node& node) -> ir::Operator {
    if (node.as<ir::IF>()) return ir::ReLU{};
    return node.op;
  });
}

ir::Graph with_clips(const ir::Graph& spiking) {
  return passes::map_operators(spiking, [](const ir::Node& node) -> ir::Operator {
    if (const auto* neurons = node.as<ir::IF>()) return ir::QCFS{neurons->theta, kContinuous};
    return node.op;
  });
}

}  // namespace

Culprit largest_error(const std::vector<LayerAttribution>& layers) {
  const auto over_layers = [&](double LayerAttribution::*part) {
    double squares = 0;
    for (const LayerAttribution& layer : layers) squares += layer.*part * layer.*part;
    return std::sqrt(squares / static_cast<double>(std::max<std::size_t>(layers.size(), 1)));
  };
  const std::array<Culprit, 4> parts{{
      {"clipping", over_layers(&LayerAttribution::clipping), "more timesteps, for which thresholds are higher"},
      {"quantisation", over_layers(&LayerAttribution::quantisation), "more timesteps"},
      {"unevenness", over_layers(&LayerAttribution::unevenness),
       "more timesteps, the exact mode, fine-tuning through time (recipe train)"},
      {"rounding", over_layers(&LayerAttribution::rounding), "8 weight bits"},
  }};
  return *std::max_element(parts.begin(), parts.end(),
                           [](const Culprit& a, const Culprit& b) { return a.error < b.error; });
}

std::vector<LayerAttribution> attribute_errors(const ir::Graph& ann, const ir::Graph& spiking,
                                               const program::Program& program, const data::Dataset& images,
                                               const network::ComputeOptions& compute, Progress& progress) {
  network::require_fit(ann, images);
  const torch::NoGradGuard no_grad;
  const torch::Device device = network::prepare_device(compute);
  const int timesteps = program.timesteps;
  network::Network teacher(passes::fold_batch_norm(ann), device), relus(with_relus(spiking), device),
      clips(with_clips(spiking), device), neurons(spiking, device);
  const auto executable = runtime::compile(program, "cpu");
  const auto normalization = network::normalization_for(ann, images);
  std::map<std::string, Sums> sums;
  progress.start("where the errors are", images.size());
  for (std::int64_t begin = 0; begin < images.size(); begin += kBatch) {
    const std::int64_t end = std::min(begin + kBatch, images.size());
    const auto pixels = data::normalized(images, begin, end, normalization.mean, normalization.stddev);
    const auto batch = network::to_device(pixels, device);
    const bool trains = spiking.input_operator().spike_train;
    const Tensor<float> inputs = trains ? data::spike_trains(images, begin, end) : pixels;
    const auto over_time = trains ? network::to_device(inputs, device) : batch;
    const std::array<Rates, 6> chain{rates_of(teacher, batch, 1, program::Mode::synchronous),
                                     rates_of(relus, batch, 1, program::Mode::synchronous),
                                     rates_of(clips, batch, 1, program::Mode::synchronous),
                                     rates_of(neurons, over_time, timesteps, program::Mode::exact),
                                     rates_of(neurons, over_time, timesteps, program.mode),
                                     run_program(*executable, spiking, program::encode(program, inputs.view()))};
    for (const ir::Node& node : spiking.nodes()) {
      if (!node.as<ir::IF>()) continue;
      std::array<torch::Tensor, 6> values;
      for (std::size_t i = 0; i < chain.size(); ++i) values[i] = chain[i].at(node.name);
      add(sums[node.name], values, network::to_torch(node.as<ir::IF>()->theta, torch::kCPU));
    }
    progress.advance(pixels.extent(0));
  }
  progress.finish();
  std::vector<LayerAttribution> layers;
  for (const ir::Node& node : spiking.nodes()) {
    if (!node.as<ir::IF>()) continue;
    const Sums& s = sums.at(node.name);
    const auto rms = [&](std::size_t i) { return std::sqrt(s.squares[i] / std::max(s.count, 1.0)); };
    layers.push_back({node.name, rms(0), rms(1), rms(2), rms(3), rms(4)});
  }
  return layers;
}

}  // namespace neurocuda::conversion
