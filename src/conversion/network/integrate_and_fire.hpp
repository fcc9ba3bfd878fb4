#pragma once

#include <torch/torch.h>

#include "conversion/network/neuron_arithmetic.hpp"
#include "neurocuda/conversion/evaluate.hpp"

namespace neurocuda::conversion {

/// IF neurons with soft reset over T timesteps in one operation: v += x[t]; s = [v >= theta]; v -= theta s; output
/// theta s. `current` is (T N, C, ...) with time outermost, or (N, C, ...) when `constant` (the same current at every
/// step). theta, v0: (C,). program::Mode::exact integrates all T inputs first and fires afterwards. Without a gradient:
/// that is fire_through_time.
torch::Tensor integrate_and_fire(const torch::Tensor& current, bool constant, const torch::Tensor& theta,
                                 const torch::Tensor& v0, int timesteps, program::Mode mode);

}  // namespace neurocuda::conversion
