#pragma once

#include <string>

#include "neurons/gpu/kernel.hpp"

/// The border to what nvcc compiles: no header of libtorch behind it, no header of CUDA before it.
namespace neurocuda::neurons::gpu {

/// Why the kernels cannot run on this device: no driver, a driver too old, no machine code for it. Empty if they can.
std::string obstacle(int device);

/// Whether there is no obstacle. Asked once per device; the answer is logged where it is no. The device becomes the
/// thread's current one.
bool usable(int device);

/// Enqueues a kernel on a cudaStream_t of the device, which becomes the thread's current one. Returns what went wrong,
/// empty if nothing did.
std::string launch(const Kernel& kernel, int device, void* stream);

}  // namespace neurocuda::neurons::gpu
