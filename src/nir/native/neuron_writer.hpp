#pragma once

#include "neurocuda/program/program.hpp"
#include "nir/graph.hpp"

namespace neurocuda::nir::native {

/// The primitive of one Program node (Input, IF, SumPool2d, Threshold, Output) with its metadata, without name and
/// edges.
Node primitive_of(const program::Node& node);

/// The SumPool2d whose positive sums an OR pool's Threshold turns into spikes.
Node pool_sum_of(const program::OrPool& pool);

/// The Flatten in front of a linear map that reads (C, H, W).
Node flatten_of(const Shape& source);

}  // namespace neurocuda::nir::native
