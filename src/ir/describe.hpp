#pragma once

#include <string>

#include "neurocuda/ir/graph.hpp"

namespace neurocuda::ir {

/// The operator with its attributes: "Conv2d 3x3, stride 2x2, padding 1x1".
std::string describe(const Operator& op);

}  // namespace neurocuda::ir
