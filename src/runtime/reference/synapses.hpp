#pragma once

#include <cstdint>
#include <vector>

#include "neurocuda/program/program.hpp"

namespace neurocuda::runtime::reference {

/// One integer per neuron, pixel or pooled position of a node at one timestep, in (C, H, W) order.
using Values = std::vector<std::int32_t>;

/// Adds to `current` (of the target) what `values` of the source send through the group. Returns the synaptic
/// operations: the sum of |value| over all the weights they meet.
std::int64_t deliver(const program::SynapseGroup& group, const Shape& source, const Shape& target, const Values& values,
                     Values& current);

}  // namespace neurocuda::runtime::reference
