#pragma once

#include <cstdint>
#include <vector>

#include "neurocuda/program/program.hpp"

namespace neurocuda::testing {

/// One Program with everything the file must hold: a strided and a grouped, dilated, non-square convolution, both
/// identity skips (with and without a sister that can carry the bias), both pools, a linear map that reads (C, H, W),
/// shifts, two groups into the output, names that need making safe. 6 x 8 input, two channels. `fill` varies the
/// weights.
program::Program sample_program(std::uint64_t fill = 1);

/// Input, one linear IF layer, output: the smallest file.
program::Program tiny_program();

}  // namespace neurocuda::testing
