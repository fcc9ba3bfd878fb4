#pragma once

#include <optional>

#include "neurocuda/base/shape.hpp"
#include "runtime/gpu/network_plan.hpp"

namespace neurocuda::runtime::gpu {

DeviceWindow device_window(const Window& window);

/// The fused kernel's view of a layer: shapes and windows, without addresses and tiles.
TensorCoreLayer tensor_core_shape(const PlannedNode& layer, const TensorCorePlan& chosen, const NetworkPlan& plan);

/// Packs a layer for the fused kernel, or nothing where the simple kernel has to do: a convolution in groups, with
/// shifts; a diagonal over sums of spikes, or sums of too many; a constant current; more groups than the kernel takes;
/// weights beyond the shared memory.
std::optional<TensorCorePlan> plan_tensor_cores(const program::IfLayer& layer, const PlannedNode& planned,
                                                NetworkPlan& plan, const DeviceLimits& limits);

}  // namespace neurocuda::runtime::gpu
