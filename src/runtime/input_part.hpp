#pragma once

#include "neurocuda/program/encode.hpp"
#include "neurocuda/program/program.hpp"

namespace neurocuda::runtime {

/// The timesteps first .. first + count - 1 of a spike train (N, T, C, H, W); a constant current (N, C, H, W) as it is.
program::EncodedInput input_part(const program::Program& program, const program::EncodedInput& input, int first,
                                 int count);

}  // namespace neurocuda::runtime
