#pragma once

#include <string>
#include <vector>

#include "neurocuda/ir/graph.hpp"
#include "neurocuda/program/bounds.hpp"
#include "neurocuda/program/program.hpp"

/// IF graph -> integer Program.
namespace neurocuda::compiler {

struct LowerOptions {
  int timesteps = 32;
  int weight_bits = 8;  ///< 2..8
  int input_bits = 8;   ///< 2..8
  /// Largest |normalised input| per channel; empty: from the Input's normalisation (pixels in [0, 1]), which must be
  /// known then.
  std::vector<float> input_absmax;
};

/// How far rounding moved one channel of one layer, in fractions.
struct ChannelRounding {
  double weight_error = 0;  ///< ||m k - w|| / ||w|| over all groups (0 for a channel of zeros)
  double bias_error = 0;    ///< |B k - b| / theta (the output layer: / largest |weight|)
  double theta_error = 0;   ///< |Theta k - theta| / theta
};
struct LayerRounding {
  std::string layer;
  std::vector<ChannelRounding> channels;
  double worst_weight_error() const;
  double worst_theta_error() const;
};
template <class Visit>
void visit_fields(const LayerRounding& rounding, const Visit& visit) {
  visit("layer", rounding.layer);
  visit("channels", rounding.channels.size());
  visit("worst_weight_error", rounding.worst_weight_error());
  visit("worst_theta_error", rounding.worst_theta_error());
}

struct Lowered {
  program::Program program;
  program::Bounds bounds;               ///< at options.timesteps
  std::vector<LayerRounding> rounding;  ///< one per IF layer and the output
};

/// Lowers an IF graph (batch norms folded). For output channel c: w_eff = w theta_source / pool area (input channels: w
/// x input scale), k_c = max |w_eff| / (2^(bits-1) - 1) over the convolution and linear groups; weights, bias / k_c, v0
/// / k_c round half to even, Theta_c = even(theta / k_c) >= 2; identity skips take the smallest shift that brings their
/// w_eff / k_c into the same range. The output layer has one scale. Biases by timestep are the sum of the branches'
/// bias and the table's row; one row is one bias. k_c without such weights, and where thresholds, biases or skips would
/// not fit: src/compiler/layer_scale.hpp. Throws ConversionError naming the node when the graph cannot be lowered, or
/// when int32 could overflow within `timesteps`; UserError when an option is out of range.
Lowered lower(const ir::Graph& if_graph, const LowerOptions& options = {});

/// The input grid: scale per channel for the given largest magnitudes and bits. Throws ConversionError when neither the
/// normalisation nor options.input_absmax is known, or when they do not fit the channels.
std::vector<double> input_scales(const ir::Input& input, const LowerOptions& options);

}  // namespace neurocuda::compiler
