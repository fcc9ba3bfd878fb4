#include "runtime/gpu/obstacle.hpp"

#include <fmt/format.h>

namespace neurocuda::runtime::gpu {
namespace {

std::string version(int number) { return fmt::format("{}.{}", number / 1000, number % 1000 / 10); }

constexpr const char* kElsewhere = "or use the target cpu";

}  // namespace

std::string describe_obstacle(const Findings& found) {
  if (found.driver == 0) {
    return fmt::format("there is no device: no NVIDIA driver is installed; run on a machine with an NVIDIA GPU, {}",
                       kElsewhere);
  }
  // Within one major version of CUDA any driver does.
  if (found.driver / 1000 < found.runtime / 1000) {
    return fmt::format("the NVIDIA driver is too old: it supports CUDA {}, this build needs {}; update the driver, {}",
                       version(found.driver), version(found.runtime / 1000 * 1000), kElsewhere);
  }
  if (!found.error.empty()) return fmt::format("CUDA finds no device: {}; {}", found.error, kElsewhere + 3);
  if (found.devices == 0) return fmt::format("there is no device: the driver shows none, {}", kElsewhere);
  if (found.wanted < 0 || found.wanted >= found.devices) {
    return fmt::format("there is no device {}: this machine has {}, choose one of 0..{}", found.wanted, found.devices,
                       found.devices - 1);
  }
  if (found.major < kLeastMajor) {
    return fmt::format("device {} has compute capability {}.{}: this build needs {}.0 or newer, {}", found.wanted,
                       found.major, found.minor, kLeastMajor, kElsewhere);
  }
  return {};
}

}  // namespace neurocuda::runtime::gpu
