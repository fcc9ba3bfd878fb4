#pragma once

#include "neurons/gpu/time_slices.hpp"
#include "neurons/neuron_arithmetic.hpp"

namespace neurocuda::neurons::gpu {

/// integrate_and_fire.hpp: one neuron through all timesteps. Scalar: float, or std::uint16_t for bfloat16.
template <class Scalar>
struct IntegrateAndFire {
  TimeSlices slices;
  bool exact;  ///< integrates all inputs, then fires
  bool is_signed;
  const Scalar* current;
  const float *theta, *v0;
  Scalar* output;

  NEUROCUDA_HD std::int64_t count() const { return slices.elements; }
  NEUROCUDA_HD void operator()(std::int64_t neuron) const {
    const std::int64_t channel = neuron % slices.channels;
    const float threshold = theta[channel];
    float v = v0[channel], sum = 0.0F;
    if (exact) run<true, false>(neuron, threshold, v, sum);
    exact ? run<false, true>(neuron, threshold, v, sum) : run<true, true>(neuron, threshold, v, sum);
  }

 private:
  template <bool kIntegrates, bool kFiresToo>
  NEUROCUDA_HD void run(std::int64_t neuron, float threshold, float& v, float& sum) const {
    for (int t = 0; t < slices.timesteps; t += kAhead) {
      float x[kAhead] = {};
      const int left = slices.timesteps - t;
      if (kIntegrates) {
        load_ahead(current + neuron + t * slices.current_stride, slices.current_stride, left, x);
      }
      NEUROCUDA_UNROLL
      for (int k = 0; k < kAhead; ++k) {
        if (k >= left) break;
        if (kIntegrates) v += x[k];
        if (!kFiresToo) continue;
        const float sent = is_signed ? fire_signed(v, threshold, sum) : fire(v, threshold);
        store(sent, output + neuron + (t + k) * slices.elements);
      }
    }
  }
};

}  // namespace neurocuda::neurons::gpu
