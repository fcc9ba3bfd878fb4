#pragma once

#include "neurocuda/conversion/evaluate.hpp"
#include "neurocuda/runtime/executable.hpp"

namespace neurocuda::conversion {

/// The executables' name for a mode.
inline runtime::Mode runtime_mode(SpikingMode mode) {
  return mode == SpikingMode::exact ? runtime::Mode::exact : runtime::Mode::synchronous;
}

}  // namespace neurocuda::conversion
