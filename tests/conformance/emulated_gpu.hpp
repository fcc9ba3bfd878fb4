#pragma once

#include <memory>

#include "runtime/gpu/gpu_executable.hpp"
#include "support/gpu_emulation/emulated_device.hpp"

namespace neurocuda::testing {

/// The gpu target on an emulated device.
struct Emulated {
  EmulatedDevice::Log log;
  runtime::gpu::GpuExecutable executable;
  Emulated(const program::Program& program, const EmulatedDevice::Options& options,
           runtime::gpu::KernelChoice choice = runtime::gpu::KernelChoice::fastest)
      : executable(program, std::make_unique<EmulatedDevice>(options, &log), choice) {}
};

}  // namespace neurocuda::testing
