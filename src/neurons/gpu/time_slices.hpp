#pragma once

#include <cstdint>

#include "neurons/scalar.hpp"

/// The neurons' kernels for a GPU, without libtorch: structs of pointers and sizes with count(), the number of threads,
/// and operator()(index), what a thread does. The tests call them on the host.
namespace neurocuda::neurons::gpu {

/// T slices of equal size, one after the other; in each the channel is the innermost axis.
struct TimeSlices {
  std::int64_t elements;  ///< of one slice
  std::int64_t channels;
  std::int64_t current_stride;  ///< from a current to that of the next step: `elements`, or 0 where it is constant
  int timesteps;
};

/// Timesteps that are read before the first of them is used: enough bytes under way to hide the memory's latency.
inline constexpr int kAhead = 4;

/// values[k] = from[k stride] for the first `left` of them.
template <class Scalar>
NEUROCUDA_HD void load_ahead(const Scalar* from, std::int64_t stride, int left, float (&values)[kAhead]) {
  NEUROCUDA_UNROLL
  for (int k = 0; k < kAhead; ++k) values[k] = k < left ? load(from + k * stride) : 0.0F;
}

}  // namespace neurocuda::neurons::gpu
