#pragma once

#include <variant>

#include "runtime/gpu/elementwise.hpp"
#include "runtime/gpu/time_batched_args.hpp"

namespace neurocuda::runtime::gpu {

/// Everything that a device can be asked to run. `images` and `first_timestep` are filled in at the launch.
using Kernel = std::variant<Clear, ImageToValues, ImageToSpikes, SumUnderWindow, OrUnderWindow, CountsUnderWindow,
                            CarryCounts, Drive, Layer, Currents, Accumulate, CountSent, WeighSums, SpikesToRecord,
                            TensorCoreLayer, TimeBatchedLayer>;

}  // namespace neurocuda::runtime::gpu
