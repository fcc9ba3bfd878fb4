#pragma once

#include <cstdint>
#include <vector>

#include "runtime/gpu/network_plan.hpp"

namespace neurocuda::runtime::gpu {

/// Where the state of one node lies that a block of timesteps leaves to the next: byte offsets; kNone where there is
/// none.
struct CarriedNode {
  static constexpr std::int64_t kNone = -1;
  std::int64_t values =
      kNone;                  ///< int32: membranes [image][position][channel] of neurons, [image][class] of the last
                              ///< layer, spike counts [image][position of its source][channel] of a max pool of counts
  std::int64_t sums = kNone;  ///< int32: of the spikes of signed neurons, as their membranes
};

struct CarriedPlan {
  std::vector<CarriedNode> nodes;
  std::int64_t total = 0;  ///< bytes
};

CarriedPlan plan_carried(const program::Program& program, const NetworkPlan& plan, std::int64_t images);

}  // namespace neurocuda::runtime::gpu
