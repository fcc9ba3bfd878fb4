#pragma once

#include "neurocuda/neurons/libtorch.hpp"
#include "neurocuda/program/mode.hpp"
#include "neurocuda/program/neuron_kind.hpp"

namespace neurocuda::neurons {

/// IF neurons with soft reset over T timesteps in one operation: v += x[t]; s = [v >= theta]; v -= theta s; output
/// theta s. `current` is (T N, C, ...) with time outermost, or (N, C, ...) when `constant` (the same current at every
/// step). theta, v0: (C,). Signed neurons as program::NeuronKind has it. program::Mode::exact integrates all T inputs
/// first and fires afterwards. Without a gradient: that is fire_through_time.
torch::Tensor integrate_and_fire(const torch::Tensor& current, bool constant, const torch::Tensor& theta,
                                 const torch::Tensor& v0, int timesteps, program::Mode mode,
                                 program::NeuronKind kind = program::NeuronKind::plain);

}  // namespace neurocuda::neurons
