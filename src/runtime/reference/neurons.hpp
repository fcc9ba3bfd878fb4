#pragma once

#include "runtime/reference/synapses.hpp"

namespace neurocuda::runtime::reference {

/// What a node keeps, before the first timestep: v0 for every neuron of a layer, zeros in an accumulator, nothing else.
Values initial_state(const program::Node& node);
/// v += a[t] + bias[t].
void integrate(const std::vector<std::int32_t>& bias, const Shape& shape, const Values& current, Values& membrane);
/// Fires as the layer's NeuronKind says; v -= theta s. Returns s. `sum` has the sum of each neuron's spikes so far, and
/// s is added to it.
Values fire(const program::IfLayer& layer, const Shape& shape, Values& membrane, Values& sum);

}  // namespace neurocuda::runtime::reference
