#pragma once

#include <cmath>
#include <cstdint>

#include "neurons/scalar.hpp"

/// One byte of memory for one neuron at one timestep: all that the gradient through time needs of a membrane.
///
/// u = (v - theta) / theta is the membrane before reset, in thresholds away from firing. The arctan surrogate (Fang et
/// al. 2021, arXiv 2007.05785, eq. 9, alpha = 2) has the derivative 1 / (1 + (pi u)^2). With z = pi u, the byte holds
/// z / (1 + |z|), rounded to 1/127 away from zero (fired) or below it (silent): fine where the derivative is large,
/// coarse where it vanishes. Codes 0..127 fired, -128..-1 did not.
namespace neurocuda::neurons::surrogate {

inline constexpr float kPi = 3.14159265F;

NEUROCUDA_HD std::int8_t encode(float u, bool fired) {
  const float z = kPi * u;
  const float c = 127.0F * z / (1.0F + std::abs(z));
  const float magnitude = clamped(fired ? c : -c, 0.0F, 126.0F);
  const auto rounded = static_cast<std::int32_t>(magnitude + 0.5F);
  return static_cast<std::int8_t>(fired ? rounded : -1 - rounded);
}

NEUROCUDA_HD bool fired(std::int8_t code) { return code >= 0; }

/// What a code stands for: the surrogate's derivative at u, and v / theta = 1 + u.
struct Decoded {
  float derivative, membrane;
};

NEUROCUDA_HD Decoded decode(std::int8_t code) {
  const float c = (code >= 0 ? static_cast<float>(code) : static_cast<float>(code) + 1.0F) / 127.0F;
  const float room = 1.0F - std::abs(c);  // z = c / room
  return {room * room / (room * room + c * c), 1.0F + c / (room * kPi)};
}

/// What the derivative is multiplied by in a run of T timesteps. A current that is larger by e at every step raises the
/// rate by e / theta. The integrator hands it on as the mean over t of t g'(u[t]), which with the detached reset is
/// about (T + 1) / 2 times the mean of g' over the range between reset and threshold, arctan(pi) / pi = 0.402: 1 at
/// T = 4, but 1.8 at T = 8 and 6.6 at T = 32, in every layer, so that the gradient of a deep network grows beyond all
/// use. From T = 4 on it is therefore divided by (T + 1) / 5; fewer steps keep the surrogate as it is.
NEUROCUDA_HD float gain(int timesteps) { return timesteps <= 4 ? 1.0F : 5.0F / static_cast<float>(timesteps + 1); }

}  // namespace neurocuda::neurons::surrogate
