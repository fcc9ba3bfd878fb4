#pragma once

#include "runtime/reference/synapses.hpp"

namespace neurocuda::runtime::reference {

/// What a node keeps, before the first timestep: v0 for every neuron of a layer, zeros in an accumulator, nothing else.
Values initial_state(const program::Node& node);
/// v += a[t] + bias[t].
void integrate(const std::vector<std::int32_t>& bias, const Shape& shape, const Values& current, Values& membrane);
/// s = v >= theta; v -= theta s. Returns s.
Values fire(const program::IfLayer& layer, const Shape& shape, Values& membrane);

}  // namespace neurocuda::runtime::reference
