#pragma once

#include <cstdint>

#include "neurocuda/program/program.hpp"

namespace neurocuda::testing {

/// The Program with what format version 2 added, at random: mode, settings and maker, signed neurons, densities, biases
/// by timestep (with the mean as bias), maxima and minima of counts. Valid, but not runnable: for tests of the format.
program::Program with_format_fields(program::Program program, std::uint64_t seed);

}  // namespace neurocuda::testing
