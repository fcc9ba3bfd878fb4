#include "conversion/calibration/noise.hpp"

#include <algorithm>
#include <cmath>

#include "conversion/network/device.hpp"
#include "conversion/training/data_fit.hpp"
#include "neurocuda/passes/passes.hpp"

namespace neurocuda::conversion {
namespace {

constexpr std::int64_t kBatch = 32;

/// Activation -> output, averaged over time where there is any.
std::map<ir::NodeId, torch::Tensor> outputs(Network& network, const torch::Tensor& images, ForwardOptions forward) {
  std::map<ir::NodeId, torch::Tensor> values;
  forward.observe_means = [&](ir::NodeId id, const torch::Tensor& mean) { values[id] = mean; };
  network.forward(images, forward);
  return values;
}

}  // namespace

std::map<ir::NodeId, double> unevenness(Network& qcfs, const data::Dataset& images, int timesteps,
                                        const std::optional<GridOptions>& grid) {
  const torch::NoGradGuard no_grad;
  const auto normalization = normalization_for(qcfs.graph(), images);
  Network spiking(passes::substitute_if(qcfs.to_graph()), qcfs.device());
  ForwardOptions forward;
  forward.grid = grid;
  forward.timesteps = timesteps;
  std::map<ir::NodeId, double> squares, counts;
  for (std::int64_t begin = 0; begin < images.size(); begin += kBatch) {
    const auto pixels = data::normalized(images, begin, std::min(begin + kBatch, images.size()), normalization.mean,
                                         normalization.stddev);
    const auto batch = to_device(pixels, qcfs.device());
    const auto expected = outputs(qcfs, batch, forward), actual = outputs(spiking, batch, forward);
    for (const auto& [id, value] : expected) {
      squares[id] += (actual.at(id) - value).square().sum().item<double>();
      counts[id] += static_cast<double>(value.numel());
    }
  }
  std::map<ir::NodeId, double> sigma;
  for (const auto& [id, sum] : squares) sigma[id] = std::sqrt(sum / counts[id]);
  return sigma;
}

}  // namespace neurocuda::conversion
