#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "neurocuda/program/program.hpp"

namespace neurocuda::program {

/// Smallest and largest value that a node can hand to its readers at one timestep; zero padding included.
struct ValueRange {
  std::int64_t low = 0;
  std::int64_t high = 0;
  bool operator==(const ValueRange&) const = default;
};

/// By node: spikes in [0, 1]; the constant input in [-qmax, qmax]; a sum pool its source's range times the area of its
/// window (saturated beyond int32); the accumulator, which nobody reads, [0, 0].
std::vector<ValueRange> value_ranges(const Program& program);

/// Proven limits of one node, from the weights alone, for every possible input.
struct NodeBounds {
  NodeIndex node = 0;
  std::int64_t max_current = 0;   ///< largest |a[t] + bias| and largest |partial sum| of any channel
  std::int64_t max_membrane = 0;  ///< largest |v| before or after reset, or |accumulator|, over all T timesteps
  std::int64_t worst_channel = 0;
};

/// The proofs of an integer Program for T timesteps.
struct Bounds {
  int timesteps = 0;
  std::vector<NodeBounds> nodes;     ///< nodes with neurons or accumulators
  bool fits_int32 = false;           ///< no membrane, current or partial sum leaves int32
  bool exact_in_float32 = false;     ///< every such value stays below 2^24: float32 simulators are exact too
  std::string first_beyond_float32;  ///< the node that breaks that bound; empty when none does
};

/// Interval arithmetic over every channel. Values of a SumPool lie in [0, area of its window (product over nested
/// pools)]; spikes in [0, 1]; input values in [-qmax, qmax], or [0, 1] for spike trains. A channel with positive drive
/// P and negative drive N (bias included) keeps v in [v0 - T N, max(v0 + T P, ...)] : the upper side is tightened by
/// the soft reset only where that is proven.
Bounds prove_bounds(const Program& program, int timesteps);

/// Throws UserError that names the layer when int32 could overflow within `timesteps`, or when timesteps is outside
/// 1..kMaxTimesteps.
void require_runnable(const Program& program, int timesteps);

}  // namespace neurocuda::program
