#include "compiler/lower_layer.hpp"

#include <algorithm>
#include <cmath>

#include "compiler/layer_scale.hpp"
#include "neurocuda/compiler/quantize.hpp"
#include "neurocuda/program/biases.hpp"

namespace neurocuda::compiler {
namespace {

double total_bias(const std::vector<PreparedBranch>& branches, std::int64_t c) {
  double bias = 0;
  for (const PreparedBranch& branch : branches) bias += branch.weights.bias(c);
  return bias;
}

/// What biases by timestep, (T', C) or none, add at their largest to one channel.
double largest_change(const Tensor<float>& table, std::int64_t c) {
  double largest = 0;
  for (std::int64_t i = c; i < table.size(); i += table.extent(1))
    largest = std::max(largest, std::abs(static_cast<double>(table[i])));
  return largest;
}

/// The rows of `table` together with the bias of the branches, in units of scale(c), and the mean that belongs to them.
template <class Scale, class Layer>
void quantize_table(const Tensor<float>& table, const std::vector<PreparedBranch>& branches, const Scale& scale,
                    Layer& layer) {
  if (table.empty()) return;
  layer.bias_by_timestep = Tensor<std::int32_t>(table.shape());
  const std::int64_t channels = table.extent(1);
  for (std::int64_t i = 0; i < table.size(); ++i) {
    const std::int64_t c = i % channels;
    layer.bias_by_timestep[i] = quantize_offset(total_bias(branches, c) + static_cast<double>(table[i]), scale(c));
  }
  layer.bias = program::mean_biases(layer.bias_by_timestep);
  if (table.extent(0) == 1) layer.bias_by_timestep = {};  // the same at every timestep
}

/// The part of a channel's magnitudes that its weights decide.
ChannelMagnitudes weight_magnitudes(const std::vector<PreparedBranch>& branches, std::int64_t c) {
  ChannelMagnitudes magnitudes;
  for (const PreparedBranch& branch : branches) {
    double& largest = branch.weights.diagonal() ? magnitudes.diagonal : magnitudes.weight;
    largest = std::max(largest, branch.weights.absmax(c));
  }
  return magnitudes;
}

std::vector<program::SynapseGroup> empty_groups(const std::vector<PreparedBranch>& branches, std::int64_t channels) {
  std::vector<program::SynapseGroup> groups;
  for (const PreparedBranch& branch : branches) {
    groups.push_back({branch.name, branch.source, branch.weights.zeros(channels),
                      std::vector<std::uint8_t>(static_cast<std::size_t>(channels), 0)});
  }
  return groups;
}

/// Sums of squares over all groups of a channel.
struct SquaredError {
  double error = 0;
  double weight = 0;

  void add(double original, double rounded) {
    error += (rounded - original) * (rounded - original);
    weight += original * original;
  }
  double relative() const { return weight > 0 ? std::sqrt(error / weight) : 0.0; }
};

/// Rounds one channel of one group into its place.
void quantize_row(const BranchWeights& weights, std::int64_t c, double scale, int bits, program::SynapseGroup& group,
                  SquaredError& error) {
  if (auto* diagonal = std::get_if<program::Diagonal>(&group.connection)) {
    const ShiftedWeight code = quantize_diagonal(weights.at(c, 0), scale, bits);
    diagonal->weight[c] = code.weight;
    group.shift[static_cast<std::size_t>(c)] = code.shift;
    error.add(weights.at(c, 0) / scale, std::ldexp(code.weight, code.shift));
    return;
  }
  Tensor<std::int8_t>& codes =
      std::visit([](auto& any) -> Tensor<std::int8_t>& { return any.weight; }, group.connection);
  for (std::int64_t j = 0; j < weights.row(); ++j) {
    const double value = weights.at(c, j);
    const std::int8_t code = quantize_weight(value, scale, bits);
    codes[c * weights.row() + j] = code;
    error.add(value / scale, code);
  }
}

/// Rounds one channel of every group; the relative error of its weights.
double quantize_channel(const std::vector<PreparedBranch>& branches, std::int64_t c, double scale, int bits,
                        std::vector<program::SynapseGroup>& groups) {
  SquaredError error;
  for (std::size_t g = 0; g < branches.size(); ++g) {
    quantize_row(branches[g].weights, c, scale, bits, groups[g], error);
  }
  return error.relative();
}

/// v0 / k, half to even. Where theta was raised to the smallest threshold, v0 keeps its ratio to theta instead.
std::int32_t initial_membrane(double v0, double theta, std::int32_t threshold, double scale) {
  const bool raised = threshold == 2 && theta / scale < 1;
  return quantize_offset(v0, raised ? theta / threshold : scale);
}

}  // namespace

program::IfLayer lower_if(const ir::IF& neurons, const std::vector<PreparedBranch>& branches, int bits,
                          std::vector<ChannelRounding>& rounding) {
  const std::int64_t channels = neurons.theta.size();
  program::IfLayer layer;
  layer.groups = empty_groups(branches, channels);
  if (neurons.is_signed) layer.neuron = program::NeuronKind::signed_;
  for (std::int64_t c = 0; c < channels; ++c) {
    const double theta = neurons.theta[c];
    const double v0 = neurons.v0[c];
    const double bias = total_bias(branches, c);
    ChannelMagnitudes magnitudes = weight_magnitudes(branches, c);
    magnitudes.theta = theta;
    magnitudes.offset = std::max(std::abs(bias) + largest_change(neurons.bias_by_timestep, c), std::abs(v0));
    const double scale = layer_scale(magnitudes, bits);
    const double weight_error = quantize_channel(branches, c, scale, bits, layer.groups);
    layer.scale.push_back(scale);
    layer.bias.push_back(quantize_offset(bias, scale));
    layer.theta.push_back(quantize_threshold(theta, scale));
    layer.v0.push_back(initial_membrane(v0, theta, layer.theta.back(), scale));
    rounding.push_back({weight_error, std::abs(layer.bias.back() * scale - bias) / theta,
                        std::abs(layer.theta.back() * scale - theta) / theta});
  }
  quantize_table(
      neurons.bias_by_timestep, branches, [&](std::int64_t c) { return layer.scale[static_cast<std::size_t>(c)]; },
      layer);
  return layer;
}

program::Accumulator lower_output(const ir::Output& logits, std::int64_t classes,
                                  const std::vector<PreparedBranch>& branches, int bits,
                                  std::vector<ChannelRounding>& rounding) {
  ChannelMagnitudes largest;
  for (std::int64_t c = 0; c < classes; ++c) {
    const ChannelMagnitudes magnitudes = weight_magnitudes(branches, c);
    largest.weight = std::max(largest.weight, magnitudes.weight);
    largest.diagonal = std::max(largest.diagonal, magnitudes.diagonal);
    largest.offset =
        std::max(largest.offset, std::abs(total_bias(branches, c)) + largest_change(logits.bias_by_timestep, c));
  }
  program::Accumulator output;
  output.scale = layer_scale(largest, bits);
  output.groups = empty_groups(branches, classes);
  const double largest_weight = std::max(largest.weight, output.scale);  // a layer of zeros: in units of the grid
  for (std::int64_t c = 0; c < classes; ++c) {
    const double bias = total_bias(branches, c);
    const double weight_error = quantize_channel(branches, c, output.scale, bits, output.groups);
    output.bias.push_back(quantize_offset(bias, output.scale));
    rounding.push_back({weight_error, std::abs(output.bias.back() * output.scale - bias) / largest_weight, 0.0});
  }
  quantize_table(
      logits.bias_by_timestep, branches, [&](std::int64_t) { return output.scale; }, output);
  return output;
}

}  // namespace neurocuda::compiler
