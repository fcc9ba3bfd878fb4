#pragma once

#include "neurocuda/ir/graph.hpp"
#include "neurocuda/neurons/libtorch.hpp"

namespace neurocuda::conversion {

/// Huge weights, each of them finite, can still make sums that are not. Throws ConversionError that names the
/// activation and the first channel whose largest value, of (C,), is not finite or whose square leaves float32.
void require_usable(const ir::Node& activation, const torch::Tensor& largest);

}  // namespace neurocuda::conversion
