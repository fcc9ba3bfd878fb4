#pragma once

#include <cstdint>
#include <string>

#include "neurocuda/program/program.hpp"

namespace neurocuda::cli {

/// One weight to change: LAYER:WEIGHT or LAYER:WEIGHT:DELTA, the weight counted in the layer's first synapse group.
struct Fault {
  std::string layer;
  std::int64_t weight = 0;
  int delta = 1;
};

/// Throws UserError naming --inject-fault and the text when it has another form.
Fault parse_fault(const std::string& text);

/// The output channel that a weight of the layer's first group belongs to: where the fault must show. UserError when
/// there is no such layer.
std::int64_t faulty_channel(const program::Program& program, const Fault& fault);

}  // namespace neurocuda::cli
