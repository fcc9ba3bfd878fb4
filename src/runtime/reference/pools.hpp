#pragma once

#include "runtime/reference/synapses.hpp"

namespace neurocuda::runtime::reference {

/// The sum of the values under every window position; positions beyond the edge count as zero.
Values sum_pool(const Window& window, const Shape& source, const Shape& target, const Values& values);
/// 1 where any value under the window is not zero.
Values or_pool(const Window& window, const Shape& source, const Shape& target, const Values& values);

}  // namespace neurocuda::runtime::reference
