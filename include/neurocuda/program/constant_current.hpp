#pragma once

#include <vector>

#include "neurocuda/program/program.hpp"

namespace neurocuda::program {

/// By node: whether its value is the same at every timestep (a constant-current input, and sum pools over it).
std::vector<bool> constant_nodes(const Program& program);

}  // namespace neurocuda::program
