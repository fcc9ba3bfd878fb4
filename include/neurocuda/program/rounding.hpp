#pragma once

#include <cmath>

namespace neurocuda::program {

/// The nearest integer, ties to even: the one rounding rule of the integer grid (weights, biases, input values).
/// Relies on the default floating-point rounding mode.
inline double round_half_even(double value) { return std::nearbyint(value); }

/// Largest magnitude of a signed code of `bits` bits, symmetric: 127 for 8.
constexpr int largest_code(int bits) { return (1 << (bits - 1)) - 1; }

}  // namespace neurocuda::program
