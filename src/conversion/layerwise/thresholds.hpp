#pragma once

#include <vector>

#include "conversion/layerwise/image_blocks.hpp"

namespace neurocuda::conversion::layerwise {

/// The largest activation of every channel, (C,).
torch::Tensor largest_by_channel(const ImageBlocks& blocks, const std::vector<torch::Tensor>& activations);

/// Thresholds for T timesteps by least squares: per channel the theta that minimises the mean of
/// (a - theta/T clip(floor(a T / theta + 1/2), 0, T))^2 over the ANN's activations a, among kCandidates between 0.1 and
/// 1 times the largest activation (the scales of Choi et al. 2018, Esser et al. 2020, chosen by search). `activations`
/// (n, C, ...) by block. Channels that never fire get the median of the others, so that nothing depends on the scale.
torch::Tensor least_squares_thresholds(const ImageBlocks& blocks, const std::vector<torch::Tensor>& activations,
                                       int timesteps);

}  // namespace neurocuda::conversion::layerwise
