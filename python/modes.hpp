#pragma once

#include <string>

#include "neurocuda/base/error.hpp"
#include "neurocuda/runtime/executable.hpp"

namespace neurocuda::python {

inline runtime::Mode mode_of(const std::string& name) {
  if (name == "synchronous") return runtime::Mode::synchronous;
  if (name == "exact") return runtime::Mode::exact;
  fail("mode '{}' is unknown; use 'synchronous' or 'exact'", name);
}

inline runtime::Recording recording_of(const std::string& name) {
  if (name == "none") return runtime::Recording::none;
  if (name == "spikes") return runtime::Recording::spikes;
  if (name == "membranes") return runtime::Recording::spikes_and_membranes;
  fail("record '{}' is unknown; use 'none', 'spikes' or 'membranes'", name);
}

}  // namespace neurocuda::python
