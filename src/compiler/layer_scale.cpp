#include "compiler/layer_scale.hpp"

#include <algorithm>
#include <cmath>

#include "neurocuda/compiler/quantize.hpp"
#include "neurocuda/program/program.hpp"

namespace neurocuda::compiler {
namespace {

constexpr double kThresholdWithoutWeights = 0x1.0p14;
constexpr double kLargestOffset = 0x1.0p23;

double preferred_scale(const ChannelMagnitudes& magnitudes, int bits) {
  if (magnitudes.weight > 0) return channel_scale(magnitudes.weight, bits);
  if (magnitudes.diagonal > 0) return channel_scale(magnitudes.diagonal, bits);
  if (magnitudes.theta > 0) return magnitudes.theta / kThresholdWithoutWeights;
  return magnitudes.offset > 0 ? magnitudes.offset / kThresholdWithoutWeights : 1.0;
}

}  // namespace

double layer_scale(const ChannelMagnitudes& magnitudes, int bits) {
  const double diagonal_fits = std::ldexp(channel_scale(magnitudes.diagonal, bits), -program::kMaxShift);
  const double offsets_fit = std::max(magnitudes.theta, magnitudes.offset) / kLargestOffset;
  return std::max({preferred_scale(magnitudes, bits), diagonal_fits, offsets_fit});
}

}  // namespace neurocuda::compiler
