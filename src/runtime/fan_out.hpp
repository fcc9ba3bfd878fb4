#pragma once

#include <cstdint>
#include <vector>

#include "neurocuda/program/program.hpp"

namespace neurocuda::runtime {

/// How many weights one spike reaches, by the position (y, x) that it comes from: (plane(source),). The channel makes
/// no difference: every channel belongs to one group of a convolution, and all groups have the same size.
std::vector<std::int64_t> fan_out(const Shape& source, const Shape& target, const program::Connection& connection);

}  // namespace neurocuda::runtime
