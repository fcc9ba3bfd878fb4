#pragma once

#include <vector>

#include "neurocuda/passes/passes.hpp"

namespace neurocuda::passes {

/// What becomes of every operator where nothing about its place in the network is wrong, in the order of ir::Operator.
/// Node names are empty.
std::vector<Finding> operators();

}  // namespace neurocuda::passes
