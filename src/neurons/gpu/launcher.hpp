#pragma once

#include <functional>

#include "neurocuda/neurons/libtorch.hpp"
#include "neurons/gpu/kernel.hpp"

namespace neurocuda::neurons::gpu {

/// Enqueues a kernel. Throws UserError, in one line, when the launch fails.
using Launch = std::function<void(const Kernel&)>;

/// Launches on the device of the tensor and libtorch's current stream there. Empty where the kernels cannot run:
/// another device, a type other than float32, bfloat16 and int8, a build without nvcc, a driver or a device too old for
/// it.
Launch launch_beside(const torch::Tensor& tensor);

}  // namespace neurocuda::neurons::gpu
