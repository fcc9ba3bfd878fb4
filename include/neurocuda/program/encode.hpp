#pragma once

#include "neurocuda/base/tensor.hpp"
#include "neurocuda/program/program.hpp"

namespace neurocuda::program {

/// Images on the integer grid: (N, C, H, W) for a constant current, (N, T, C, H, W) for spike trains
/// (features: (N, C) and (N, T, C)).
using EncodedInput = Tensor<std::int8_t>;

/// Rounds normalised images (N, C, H, W) to the grid of the program's input, half to even, clipped to qmax. Of a
/// Program that takes spike trains: the first `timesteps` of trains of 0 and 1, (N, T, C, H, W); 0: the Program's own.
/// Throws UserError on a wrong shape or a value that is not finite, of trains not 0 or 1.
EncodedInput encode(const Program& program, TensorView<const float> images, int timesteps = 0);

}  // namespace neurocuda::program
