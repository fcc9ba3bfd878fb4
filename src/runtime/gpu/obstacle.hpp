#pragma once

#include <string>

/// What stands between this build and a device, from the numbers that CUDA reports; tested without a device.
namespace neurocuda::runtime::gpu {

struct Findings {
  int driver = 0;   ///< newest CUDA version that the driver supports, 1000 major + 10 minor; 0: no driver
  int runtime = 0;  ///< CUDA version of this build, likewise
  int devices = 0;
  int wanted = 0;            ///< index of the device asked for
  int major = 0, minor = 0;  ///< compute capability of that device
  std::string error;         ///< what CUDA says when it cannot count the devices
};

inline constexpr int kLeastMajor = 8;

/// Empty when nothing does.
std::string describe_obstacle(const Findings& findings);

}  // namespace neurocuda::runtime::gpu
