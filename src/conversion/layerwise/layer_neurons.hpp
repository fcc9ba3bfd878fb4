#pragma once

#include <functional>
#include <vector>

#include "conversion/layerwise/image_blocks.hpp"

namespace neurocuda::conversion::layerwise {

/// Where everything lies on the integer grid, a membrane that equals its threshold fires; the same sum in float32 may
/// end a rounding error short of it.
inline constexpr double kFires = 1.0 - 0x1.0p-16;

/// Biases move towards a mean in so many rounds, each by so much of what is left (Hao et al. 2024, arXiv 2403.18388;
/// with all of it, later timesteps have less room).
inline constexpr int kBiasRounds = 2;
inline constexpr double kBiasStep = 0.5;

/// Sum over images and positions: (C,), in float64.
torch::Tensor sum_by_channel(const torch::Tensor& x);

/// The bias, (C,) in float64, that moves the mean of what a layer sends with it, mean_with(bias), towards `wanted`.
torch::Tensor bias_towards(const torch::Tensor& wanted,
                           const std::function<torch::Tensor(const torch::Tensor&)>& mean_with);

/// The neurons of a layer on all images, one timestep after another.
class LayerNeurons {
 public:
  /// theta, v0: (C,).
  LayerNeurons(const ImageBlocks& images, const torch::Tensor& theta, const torch::Tensor& v0, bool are_signed);

  /// Adds a current (n, C, ...) to the membranes of a block. Blocks may be added to from several threads.
  void integrate(std::int64_t block, const torch::Tensor& current);

  /// The spikes of a block that a bias, (C,) in float64, would make: 0 and 1, of signed neurons -1 too. Nothing
  /// changes.
  torch::Tensor would_fire(std::int64_t block, const torch::Tensor& bias) const;

  /// Adds the bias, (C,), fires and resets: the spikes of a block, int8.
  torch::Tensor fire(std::int64_t block, const torch::Tensor& bias);

 private:
  const ImageBlocks& images_;
  torch::Tensor theta_, v0_;
  bool are_signed_;
  std::vector<torch::Tensor> membranes_, sums_;  // by block; sums_ of the spikes of signed neurons, int16
};

}  // namespace neurocuda::conversion::layerwise
