#pragma once

#include "runtime/gpu/device.hpp"

/// Predicted microseconds of a fused layer's launch, to choose a kernel by. The constants are fitted to one NVIDIA H100
/// (docs/cuda.md); on other devices the ratio of two predictions is what counts.
namespace neurocuda::runtime::gpu {

/// Measured: within a factor of 1.25 of that H100's times (tests/unit/runtime/test_gpu_kernel_costs.cpp).
double predicted_microseconds(const TensorCoreLayer& layer, const DeviceLimits& limits);

/// From the same constants; not yet measured. Nothing overlaps in it: rather too long than too short.
double predicted_microseconds(const TimeBatchedLayer& layer, const DeviceLimits& limits);

}  // namespace neurocuda::runtime::gpu
