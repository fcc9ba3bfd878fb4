#pragma once

#include "runtime/gpu/network_plan.hpp"

namespace neurocuda::runtime::gpu {

/// The fused layer of a batch of `images` images, cut for the kernel that is predicted to take least time: the one that
/// goes through the timesteps one by one, or the one with time as a batch dimension. `choice` may demand either; where
/// the latter finds no room, the former runs.
Kernel choose_fused_kernel(const TensorCoreLayer& layer, int columns, int images, const DeviceLimits& limits,
                           KernelChoice choice);

}  // namespace neurocuda::runtime::gpu
