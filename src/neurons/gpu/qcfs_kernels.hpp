#pragma once

#include "neurons/neuron_arithmetic.hpp"

/// Kernels of qcfs_function.hpp; channels innermost. Scalar: float, or std::uint16_t for bfloat16.
namespace neurocuda::neurons::gpu {

template <class Scalar>
struct QcfsForward {
  std::int64_t elements, channels;
  float levels;
  const Scalar* x;
  const float* lambda;
  Scalar* h;

  NEUROCUDA_HD std::int64_t count() const { return elements; }
  NEUROCUDA_HD void operator()(std::int64_t i) const {
    const float ceiling = lambda[i % channels];
    store(qcfs_value(load(x + i), ceiling, 1.0F / ceiling, levels, 1.0F / levels), h + i);
  }
};

/// Thread j takes the elements j, j + count(), ... of one channel, as FireBackward does; sums: (rows, C).
template <class Scalar>
struct QcfsBackward {
  std::int64_t elements, channels, rows;
  const Scalar *x, *h, *gradient;
  const float* lambda;
  Scalar* dx;
  float* sums;

  NEUROCUDA_HD std::int64_t count() const { return rows * channels; }
  NEUROCUDA_HD void operator()(std::int64_t thread) const {
    const float ceiling = lambda[thread % channels], inverse = 1.0F / ceiling;
    float sum = 0.0F;
    for (std::int64_t i = thread; i < elements; i += count()) {
      const QcfsGradient local = qcfs_gradient(load(x + i), load(h + i), load(gradient + i), ceiling, inverse);
      store(local.x, dx + i);
      sum += local.lambda;
    }
    sums[thread] = sum;
  }
};

}  // namespace neurocuda::neurons::gpu
