#pragma once

#include <cstdint>
#include <vector>

#include "neurocuda/program/encode.hpp"
#include "neurocuda/program/program.hpp"

namespace neurocuda::testing {

/// The network as the ANN sees it: what every node sends over all T timesteps, in (C, H, W) order, with QCFS on the
/// integer grid in place of the neurons: clip(floor((X + v0) / theta), 0, T), where X is all the current and bias of T
/// timesteps. An OR pool is the maximum, the last layer its total. Only for one image. No simulation: this is what
/// exact mode must equal.
std::vector<std::vector<std::int64_t>> qcfs_counts(const program::Program& program, const program::EncodedInput& input,
                                                   int timesteps);

}  // namespace neurocuda::testing
