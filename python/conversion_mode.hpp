#pragma once

#include "modes.hpp"
#include "neurocuda/conversion/evaluate.hpp"

namespace neurocuda::python {

inline conversion::SpikingMode spiking_mode_of(const std::string& name) {
  return mode_of(name) == runtime::Mode::exact ? conversion::SpikingMode::exact : conversion::SpikingMode::synchronous;
}

}  // namespace neurocuda::python
