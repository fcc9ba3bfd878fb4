#pragma once

#include <string>
#include <vector>

#include "neurocuda/base/progress.hpp"
#include "neurocuda/conversion/settings.hpp"
#include "neurocuda/data/dataset.hpp"
#include "neurocuda/ir/graph.hpp"

namespace neurocuda::conversion {

/// How the weights of one layer were fitted to the spikes that reach it.
struct LayerFit {
  std::string layer;
  double ridge = 0;     ///< the chosen one, a share of the mean square of an input; 0: weights as they were
  double refitted = 0;  ///< share of the channels whose weights changed
  /// Mean square error of the layer's current on images kept back, as a share of the current's variance.
  double error_before = 0, error_after = 0;
};
template <class Visit>
void visit_fields(const LayerFit& fit, const Visit& visit) {
  visit("layer", fit.layer);
  visit("ridge", fit.ridge);
  visit("refitted", fit.refitted);
  visit("error_before", fit.error_before);
  visit("error_after", fit.error_after);
}

struct FittedLayers {
  ir::Graph graph;  ///< IF, on the integer grid
  std::vector<LayerFit> layers;
};

/// A spiking network from `network` (ReLU or QCFS, in layers, batch norms folded) without gradients and without labels:
/// layer by layer, each given the spikes that the layers before it really send on `images`,
///   1. thresholds by least squares for T (QCFS layers keep theirs),
///   2. weights by ridge regression from the mean of these spikes to the network's own current
///      (docs/conversion.md, "Weights for the spikes that arrive"), chosen on a fifth of the images,
///   3. everything on the integer grid,
///   4. biases by timestep, so that at every timestep the mean output of a channel is that of the activation (Hao et
///      al. 2024, arXiv 2403.18388); accumulate, then fire takes one bias.
/// Sums are made in blocks of a fixed size in a fixed order: the result does not depend on the number of threads.
/// `settings`: resolved. Throws ConversionError where activations are too large for float32.
FittedLayers fit_layers(const ir::Graph& network, const data::Dataset& images, const Settings& settings,
                        Progress& progress = silent_progress());

}  // namespace neurocuda::conversion
