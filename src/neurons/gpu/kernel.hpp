#pragma once

#include <variant>

#include "neurons/gpu/channel_sums.hpp"
#include "neurons/gpu/fire_kernels.hpp"
#include "neurons/gpu/integrate_kernel.hpp"
#include "neurons/gpu/qcfs_kernels.hpp"

namespace neurocuda::neurons::gpu {

/// One launch; float32 and bfloat16.
using Kernel = std::variant<FireForward<float>, FireForward<std::uint16_t>, FireBackward<float>,
                            FireBackward<std::uint16_t>, DecodeSpikes<float>, DecodeSpikes<std::uint16_t>,
                            IntegrateAndFire<float>, IntegrateAndFire<std::uint16_t>, QcfsForward<float>,
                            QcfsForward<std::uint16_t>, QcfsBackward<float>, QcfsBackward<std::uint16_t>, SumRows>;

}  // namespace neurocuda::neurons::gpu
