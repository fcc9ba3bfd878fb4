#pragma once

#include <cstdint>
#include <vector>

#include "neurocuda/program/program.hpp"

namespace neurocuda::metrics {

/// Dense multiply-accumulates of the groups into one node.
struct LayerMacs {
  std::int64_t per_timestep = 0;  ///< of groups that read spikes or their sums
  std::int64_t once = 0;          ///< of groups that read a constant current
};

/// By node.
std::vector<LayerMacs> layer_macs(const program::Program& program);

}  // namespace neurocuda::metrics
