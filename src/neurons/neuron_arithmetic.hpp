#pragma once

#include <cmath>
#include <cstdint>

#include "neurons/scalar.hpp"
#include "neurons/surrogate.hpp"

/// One neuron, one step: the arithmetic of the training neurons in float32, for the CPU's loops and the GPU's threads
/// alike. Both are compiled without contraction to fused multiply-add, so both give the same bits.
namespace neurocuda::neurons {

/// Where everything lies on the integer grid, a membrane often equals its threshold, and the neuron fires. The same sum
/// in float32 can end a rounding error short of it, so the comparison leaves room for that; the grid is about 2^-10 of
/// a threshold, far coarser.
inline constexpr float kFires = 1.0F - 0x1.0p-16F;

/// Fires and resets: returns theta s, which the membrane loses.
NEUROCUDA_HD float fire(float& v, float theta) {
  const float output = v >= kFires * theta ? theta : 0.0F;
  v -= output;
  return output;
}

/// The same of a signed neuron, whose spikes so far sum up to `sum`. On the grid a membrane is often exactly 0.
NEUROCUDA_HD float fire_signed(float& v, float theta, float& sum) {
  const bool fires = v >= kFires * theta, takes_back = v < (kFires - 1.0F) * theta && sum > 0.0F;
  const float spike = fires ? 1.0F : takes_back ? -1.0F : 0.0F;
  sum += spike;
  v -= spike * theta;
  return spike * theta;
}

struct Fired {
  float output;  ///< theta s
  std::int8_t code;
};

/// v += x; fires, resets; what the gradient needs of the membrane. inverse = 1 / theta.
NEUROCUDA_HD Fired integrate_fire_encode(float& v, float x, float theta, float inverse) {
  const float before = v + x;
  const bool fired = before >= kFires * theta;
  const float output = fired ? theta : 0.0F;
  v = before - output;
  return {output, surrogate::encode(before * inverse - 1.0F, fired)};
}

/// One step back in time: `later` goes from dL/dv[t+1] to dL/dv[t], `dtheta` adds up; g is dL/d output[t], gain the
/// surrogate's for this T.
NEUROCUDA_HD void step_back(float g, std::int8_t code, float gain, float& later, float& dtheta) {
  const auto decoded = surrogate::decode(code);
  const float derivative = gain * decoded.derivative;
  const float spike = code >= 0 ? 1.0F : 0.0F;
  dtheta += g * (spike - derivative * decoded.membrane) - later * spike;
  later += g * derivative;
}

/// theta s of a code.
NEUROCUDA_HD float spike_of(std::int8_t code, float theta) { return code >= 0 ? theta : 0.0F; }

/// lambda clip(floor(x L / lambda + 1/2) / L, 0, 1); inverse = 1 / lambda, step = 1 / L.
NEUROCUDA_HD float qcfs_value(float x, float lambda, float inverse, float levels, float step) {
  const float level = std::floor(x * levels * inverse + 0.5F);
  return lambda * clamped(level * step, 0.0F, 1.0F);
}

struct QcfsGradient {
  float x, lambda;
};

/// Arithmetic with 0/1 factors instead of branches, so that a loop over it vectorises.
NEUROCUDA_HD QcfsGradient qcfs_gradient(float x, float h, float g, float lambda, float inverse) {
  const float positive = x > 0.0F ? 1.0F : 0.0F;
  const float above = x >= lambda ? 1.0F : 0.0F;
  const float inside = positive * (1.0F - above);
  return {g * inside, g * (inside * (h - x) * inverse + above)};
}

}  // namespace neurocuda::neurons
