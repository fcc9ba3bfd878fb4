#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "neurocuda/base/progress.hpp"
#include "neurocuda/data/dataset.hpp"
#include "neurocuda/ir/graph.hpp"
#include "neurocuda/network/compute.hpp"
#include "neurocuda/program/program.hpp"

namespace neurocuda::conversion {

/// Where the firing rates of one layer leave the ANN's activations. Each part is the root mean square, over neurons and
/// images, of the difference between two executions that differ in one thing, in units of the full rate (activation /
/// threshold of the channel). They build on one another from front to back, so a layer's part holds what earlier layers
/// passed on.
struct LayerAttribution {
  std::string layer;
  double training = 0;      ///< ANN against its ReLU network with the calibrated weights: meant, not lost
  double clipping = 0;      ///< ReLU against min(ReLU, threshold)
  double quantisation = 0;  ///< that against T levels (accumulate, then fire)
  double unevenness = 0;    ///< T levels against spikes as they come: some arrive too late, some too early
  double rounding = 0;      ///< float against the integer Program
};
template <class Visit>
void visit_fields(const LayerAttribution& layer, const Visit& visit) {
  visit("layer", layer.layer);
  visit("training", layer.training);
  visit("clipping", layer.clipping);
  visit("quantisation", layer.quantisation);
  visit("unevenness", layer.unevenness);
  visit("rounding", layer.rounding);
}

/// The parts in words: "clipping", "quantisation", "unevenness", "rounding".
struct Culprit {
  std::string_view part;
  double error = 0;         ///< root mean square over the layers
  std::string_view remedy;  ///< which knob addresses it
};
/// The largest part over all layers, `training` left out.
Culprit largest_error(const std::vector<LayerAttribution>& layers);

/// All layers, and the largest part with its remedy.
struct Attribution {
  std::vector<LayerAttribution> layers;  ///< empty when nothing was attributed
};
template <class Visit>
void visit_fields(const Attribution& attribution, const Visit& visit) {
  visit("layers", attribution.layers);
  if (attribution.layers.empty()) return;
  const Culprit culprit = largest_error(attribution.layers);
  visit("largest", culprit.part);
  visit("error", culprit.error);
  visit("remedy", culprit.remedy);
}

/// Splits the rate error of a spiking network against the ANN it came from. `ann`: folded or not; `spiking`: the IF
/// graph; `program`: its lowered form. Both networks have the same activations by name.
std::vector<LayerAttribution> attribute_errors(const ir::Graph& ann, const ir::Graph& spiking,
                                               const program::Program& program, const data::Dataset& images,
                                               const network::ComputeOptions& compute,
                                               Progress& progress = silent_progress());

}  // namespace neurocuda::conversion
