#pragma once

#include "neurocuda/neurons/libtorch.hpp"

namespace neurocuda::neurons {

/// Spikes of IF neurons, and what is remembered of them.
struct Firing {
  torch::Tensor output;  ///< (T N, C, ...), theta s
  torch::Tensor codes;   ///< the same shape, int8: see surrogate.hpp; the sign bit is the (missing) spike
  torch::Tensor mean{};  ///< (N, C, ...), float32: of the output over time, when it was asked for
};

/// Of fire_through_time's arguments.
struct FiringGradients {
  torch::Tensor current, theta, v0;
};

/// integrate_and_fire (synchronous) with a gradient: back-propagation through time in one operation over all T steps.
/// With v[t] the membrane before reset, g[t] the gradient of output[t], d the surrogate's derivative, and the reset
/// detached (Zenke and Vogels 2021):
///   dL/dv[t] = g[t] d(u[t]) + dL/dv[t+1],  dL/dx[t] = dL/dv[t],  dL/dv0 = dL/dv[1],
///   dL/dtheta = sum over t of g[t] (s[t] - d(u[t]) v[t] / theta) - dL/dv[t+1] s[t].
/// Keeps one byte per neuron and timestep, no float tensor. current: (T N, C, ...), or (N, C, ...) when `constant`;
/// theta, v0: (C,) in float32; the current in float32 or bfloat16, which the output then has too. Membranes are
/// float32. With `with_mean` an objective can be put on mean rates without gradients of T times their size.
Firing fire_through_time(const torch::Tensor& current, bool constant, const torch::Tensor& theta,
                         const torch::Tensor& v0, int timesteps, bool with_mean = false);

/// The output that codes stand for: theta where they say fired, else 0, in float32 or bfloat16.
torch::Tensor spikes_of(const torch::Tensor& codes, const torch::Tensor& theta, torch::Dtype dtype);

}  // namespace neurocuda::neurons
