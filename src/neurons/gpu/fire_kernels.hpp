#pragma once

#include "neurons/gpu/time_slices.hpp"
#include "neurons/neuron_arithmetic.hpp"

/// Kernels of fire_through_time.hpp. Scalar: float, or std::uint16_t for bfloat16.
namespace neurocuda::neurons::gpu {

/// One neuron through all timesteps; its membrane stays in a register.
template <class Scalar>
struct FireForward {
  TimeSlices slices;
  const Scalar* current;
  const float *theta, *v0;
  Scalar* output;
  std::int8_t* codes;

  NEUROCUDA_HD std::int64_t count() const { return slices.elements; }
  NEUROCUDA_HD void operator()(std::int64_t neuron) const {
    const std::int64_t channel = neuron % slices.channels;
    const float threshold = theta[channel], inverse = 1.0F / threshold;
    float v = v0[channel];
    for (int t = 0; t < slices.timesteps; t += kAhead) {
      float x[kAhead];
      const int left = slices.timesteps - t;
      load_ahead(current + neuron + t * slices.current_stride, slices.current_stride, left, x);
      NEUROCUDA_UNROLL
      for (int k = 0; k < kAhead; ++k) {
        if (k >= left) break;
        const Fired fired = integrate_fire_encode(v, x[k], threshold, inverse);
        const std::int64_t at = neuron + (t + k) * slices.elements;
        store(fired.output, output + at);
        codes[at] = fired.code;
      }
    }
  }
};

/// Back through time. Thread j takes the neurons j, j + count(), ...: count() is a multiple of the channels, so they
/// share one channel, whose gradients the thread sums. Rows of such sums, (rows, 2 C): dL/dtheta, then dL/dv0.
template <class Scalar>
struct FireBackward {
  TimeSlices slices;
  std::int64_t rows;
  const Scalar* gradient;
  const std::int8_t* codes;
  Scalar* current;  ///< dL/dx; of a constant current the sum over its steps
  float* sums;

  NEUROCUDA_HD std::int64_t count() const { return rows * slices.channels; }
  NEUROCUDA_HD void operator()(std::int64_t thread) const {
    float dtheta = 0.0F, dv0 = 0.0F;
    for (std::int64_t neuron = thread; neuron < slices.elements; neuron += count()) dv0 += walk_back(neuron, dtheta);
    const std::int64_t row = thread / slices.channels, channel = thread - row * slices.channels;
    float* sum = sums + 2 * row * slices.channels + channel;
    sum[0] = dtheta;
    sum[slices.channels] = dv0;
  }

 private:
  /// Returns dL/dv of the first step.
  NEUROCUDA_HD float walk_back(std::int64_t neuron, float& dtheta) const {
    const bool constant = slices.current_stride == 0;
    const float gain = surrogate::gain(slices.timesteps);
    float later = 0.0F, total = 0.0F;
    for (int left = slices.timesteps; left > 0; left -= kAhead) {
      float g[kAhead];
      std::int8_t code[kAhead];
      const std::int64_t last = neuron + (left - 1) * slices.elements;
      load_ahead(gradient + last, -slices.elements, left, g);
      NEUROCUDA_UNROLL
      for (int k = 0; k < kAhead; ++k) code[k] = k < left ? codes[last - k * slices.elements] : std::int8_t{0};
      NEUROCUDA_UNROLL
      for (int k = 0; k < kAhead; ++k) {
        if (k >= left) break;
        step_back(g[k], code[k], gain, later, dtheta);
        total += later;
        if (!constant) store(later, current + last - k * slices.elements);
      }
    }
    if (constant) store(total, current + neuron);
    return later;
  }
};

/// The output that codes stand for.
template <class Scalar>
struct DecodeSpikes {
  std::int64_t elements, channels;
  const std::int8_t* codes;
  const float* theta;
  Scalar* output;

  NEUROCUDA_HD std::int64_t count() const { return elements; }
  NEUROCUDA_HD void operator()(std::int64_t i) const { store(spike_of(codes[i], theta[i % channels]), output + i); }
};

}  // namespace neurocuda::neurons::gpu
