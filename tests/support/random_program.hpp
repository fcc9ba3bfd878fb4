#pragma once

#include <cstdint>

#include "neurocuda/program/encode.hpp"
#include "neurocuda/program/program.hpp"

namespace neurocuda::testing {

/// A valid random Program: a few IF layers with convolutions (odd shapes, strides, paddings, dilations, groups), linear
/// maps, diagonals with shifts, sum and max pools, several groups into one layer, signed neurons in some, and an
/// accumulator; runnable for 64 timesteps in both modes. The same seed gives the same Program on every machine.
program::Program random_program(std::uint64_t seed);

/// A random encoded input for it (constant current, or a spike train of `timesteps` if the Program's input says so).
program::EncodedInput random_input(const program::Program& program, std::int64_t images, int timesteps,
                                   std::uint64_t seed);

}  // namespace neurocuda::testing
