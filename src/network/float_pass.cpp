#include "neurocuda/network/float_pass.hpp"

#include <algorithm>

#include "neurocuda/network/data_fit.hpp"
#include "neurocuda/network/device.hpp"

namespace neurocuda::network {

std::int64_t float_batch_size(const Network& network, const FloatOptions& options) {
  if (options.batch_size > 0) return options.batch_size;
  constexpr std::int64_t kRows = 512;  // images x timesteps
  return network.spiking() ? std::clamp<std::int64_t>(kRows / std::max(1, options.timesteps), 8, 256) : 256;
}

void for_each_batch(Network& network, const data::Dataset& dataset, const ForwardOptions& forward,
                    std::int64_t batch_size,
                    const std::function<void(const torch::Tensor&, const torch::Tensor&)>& visit, Progress& progress) {
  network::require_fit(network.graph(), dataset);
  const torch::NoGradGuard no_grad;
  const ir::Normalization normalization = network::normalization_for(network.graph(), dataset);
  for (std::int64_t begin = 0; begin < dataset.size(); begin += batch_size) {
    const std::int64_t end = std::min(begin + batch_size, dataset.size());
    const bool trains = network.spiking() && network.graph().input_operator().spike_train;
    const auto images = trains ? data::spike_trains(dataset, begin, end)
                               : data::normalized(dataset, begin, end, normalization.mean, normalization.stddev);
    const auto labels = data::labels_of(dataset, begin, end);
    visit(network.forward(to_device(images, network.device()), forward), labels_to_device(labels, network.device()));
    progress.advance(end - begin);
  }
}

}  // namespace neurocuda::network
