#pragma once

#include "runtime/reference/synapses.hpp"

namespace neurocuda::runtime::reference {

/// The sum of the values under every window position; positions beyond the edge count as zero.
Values sum_pool(const Window& window, const Shape& source, const Shape& target, const Values& values);
/// 1 where any value under the window is not zero.
Values or_pool(const Window& window, const Shape& source, const Shape& target, const Values& values);

/// What a max pool of counts remembers between timesteps.
struct PooledCounts {
  Values counts;  ///< N of every source position; empty before the first timestep
  Values pooled;  ///< the maxima (minima) of N
};

/// Adds the spikes of a timestep to the counts. Returns by how much the maximum (minimum, by channel) under every
/// window position grew; positions beyond the edge do not take part.
Values max_pool_of_counts(const program::OrPool& pool, const Shape& source, const Shape& target, const Values& spikes,
                          PooledCounts& state);

}  // namespace neurocuda::runtime::reference
