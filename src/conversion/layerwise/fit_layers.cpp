#include "neurocuda/conversion/fit_layers.hpp"

#include <algorithm>

#include "conversion/layerwise/layer_fitter.hpp"
#include "conversion/stage_options.hpp"
#include "neurocuda/ir/analysis.hpp"
#include "neurocuda/network/data_fit.hpp"
#include "neurocuda/network/device.hpp"

namespace neurocuda::conversion {
namespace {

constexpr std::int64_t kBytesOfBlock = std::int64_t{16} << 20;  // one value of the largest layer, of all its images
constexpr std::int64_t kMostImages = 50;

/// Depends on the network and the number of images only.
std::int64_t block_size(const ir::Graph& graph, std::int64_t images) {
  std::int64_t largest = 1;
  for (const Shape& shape : ir::infer_shapes(graph)) largest = std::max(largest, element_count(shape));
  const std::int64_t fits = std::clamp<std::int64_t>(kBytesOfBlock / (4 * largest), 1, kMostImages);
  return std::min(fits, (images + 1) / 2);
}

/// (N, C, H, W), or spike trains (N, T, C, H, W).
torch::Tensor inputs_of(const ir::Graph& graph, const data::Dataset& images, torch::Device device) {
  if (graph.input_operator().spike_train) {
    return network::to_device(data::spike_trains(images, 0, images.size()), device);
  }
  const ir::Normalization normalization = network::normalization_for(graph, images);
  return network::to_device(data::normalized(images, 0, images.size(), normalization.mean, normalization.stddev),
                            device);
}

}  // namespace

FittedLayers fit_layers(const ir::Graph& network, const data::Dataset& images, const Settings& settings,
                        Progress& progress) {
  network::require_fit(network, images);
  const torch::NoGradGuard no_grad;
  const torch::Device device = network::prepare_device(compute_of(settings));
  const layerwise::ImageBlocks blocks(inputs_of(network, images, device), block_size(network, images.size()));
  layerwise::LayerFitter fitter(network, blocks, settings, device);
  FittedLayers fitted;
  progress.start("fit layers", static_cast<std::int64_t>(fitter.layers().size()));
  for (const layerwise::LayerPaths& layer : fitter.layers()) {
    fitted.layers.push_back(fitter.fit(layer));
    progress.advance(1);
  }
  progress.finish();
  fitted.graph = fitter.result();
  return fitted;
}

}  // namespace neurocuda::conversion
