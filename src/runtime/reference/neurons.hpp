#pragma once

#include "runtime/reference/synapses.hpp"

namespace neurocuda::runtime::reference {

/// v0 for every neuron of a layer of this shape.
Values initial_membrane(const program::IfLayer& layer, const Shape& shape);
/// v += a[t] + bias.
void integrate(const std::vector<std::int32_t>& bias, const Shape& shape, const Values& current, Values& membrane);
/// s = v >= theta; v -= theta s. Returns s.
Values fire(const program::IfLayer& layer, const Shape& shape, Values& membrane);

}  // namespace neurocuda::runtime::reference
