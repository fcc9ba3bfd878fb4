#include <algorithm>
#include <cmath>

#include "neurocuda/compiler/compiler.hpp"
#include "neurocuda/compiler/quantize.hpp"

namespace neurocuda::compiler {
namespace {

/// Largest |(pixel - mean) / stddev| over pixels in [0, 1], per channel.
std::vector<double> absmax_of(const ir::Normalization& normalization) {
  std::vector<double> absmax;
  for (std::size_t c = 0; c < normalization.mean.size(); ++c) {
    const double mean = normalization.mean[c];
    absmax.push_back(std::max(std::abs(mean), std::abs(1.0 - mean)) / static_cast<double>(normalization.stddev.at(c)));
  }
  return absmax;
}

std::vector<double> input_absmax(const ir::Input& input, const LowerOptions& options) {
  if (!options.input_absmax.empty()) return {options.input_absmax.begin(), options.input_absmax.end()};
  if (!input.normalization.empty()) return absmax_of(input.normalization);
  fail<ConversionError>(
      "the network's input {} states no normalisation, so its range is unknown: give mean and stddev per channel, or "
      "the largest magnitude per channel (input_absmax)",
      to_string(input.shape));
}

}  // namespace

std::vector<double> input_scales(const ir::Input& input, const LowerOptions& options) {
  if (input.spike_train) return std::vector<double>(static_cast<std::size_t>(input.shape.at(0)), 1.0);
  std::vector<double> scales = input_absmax(input, options);
  if (static_cast<std::int64_t>(scales.size()) != input.shape.at(0)) {
    fail<ConversionError>("{} input ranges were given for the {} channels of the input: give one per channel",
                          scales.size(), input.shape.at(0));
  }
  for (double& scale : scales) {
    if (!std::isfinite(scale) || scale <= 0) {
      fail<ConversionError>("the largest magnitude of an input channel is {}: it must be positive and finite", scale);
    }
    scale = channel_scale(scale, options.input_bits);
  }
  return scales;
}

}  // namespace neurocuda::compiler
