#pragma once

#include <string_view>

#include "neurocuda/program/program.hpp"

namespace neurocuda::runtime {

/// Programs can hold what no executable of this version computes yet: signed neurons. Throws UserError that
/// names the first node which needs it: a run must not compute something else. Every backend calls this after
/// program::validate().
void require_supported(const program::Program& program, std::string_view target);

}  // namespace neurocuda::runtime
