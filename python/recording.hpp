#pragma once

#include <string>

#include "neurocuda/base/error.hpp"
#include "neurocuda/runtime/executable.hpp"

namespace neurocuda::python {

inline runtime::Recording recording_of(const std::string& name) {
  if (name == "none") return runtime::Recording::none;
  if (name == "spikes") return runtime::Recording::spikes;
  if (name == "membranes") return runtime::Recording::spikes_and_membranes;
  fail("record '{}' is unknown; use 'none', 'spikes' or 'membranes'", name);
}

}  // namespace neurocuda::python
