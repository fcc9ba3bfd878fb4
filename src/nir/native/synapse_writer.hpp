#pragma once

#include <cstdint>
#include <span>

#include "neurocuda/program/program.hpp"
#include "nir/graph.hpp"

namespace neurocuda::nir::native {

/// The primitive (Conv2d, Affine, Linear or Scale) of one synapse group, without name and metadata. `bias` is the
/// layer's, for the one group that carries it, and empty for the others. `source` and `target` are the shapes it
/// connects.
Node primitive_of(const program::SynapseGroup& group, std::span<const std::int32_t> bias, const Shape& source,
                  const Shape& target);

/// The group of a layer that carries the layer's bias: the first that NIR can give one.
std::size_t bias_carrier(const std::vector<program::SynapseGroup>& groups);

}  // namespace neurocuda::nir::native
