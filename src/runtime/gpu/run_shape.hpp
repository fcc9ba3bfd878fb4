#pragma once

#include "neurocuda/runtime/executable.hpp"

namespace neurocuda::runtime::gpu {

/// What decides a schedule and its memory.
struct RunShape {
  int timesteps = 0;
  Mode mode = Mode::synchronous;
  Wanted wanted{};
  int images = 0;  ///< at a time
  bool operator==(const RunShape&) const = default;
};

}  // namespace neurocuda::runtime::gpu
