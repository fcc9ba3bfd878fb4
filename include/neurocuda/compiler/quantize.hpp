#pragma once

#include <cstdint>

#include "neurocuda/program/rounding.hpp"

/// The rounding rule of the integer grid. Quantisation-aware training uses the same functions (or repeats their formula
/// on tensors): code = round_half_even(value / scale), saturated.
namespace neurocuda::compiler {

using program::largest_code;
using program::round_half_even;

/// k_c: the scale that gives the largest of the values the largest code. Positive for a positive absmax; 0 for 0.
double channel_scale(double absmax, int bits);

/// round_half_even(value / scale) in [-largest_code(bits), largest_code(bits)].
std::int8_t quantize_weight(double value, double scale, int bits);

/// round_half_even(value / scale), saturated at int32: biases and initial membranes.
std::int32_t quantize_offset(double value, double scale);

/// The even integer nearest to theta / scale, at least 2. Half of it is quantize_offset(theta / 2, scale), unless
/// raised to 2.
std::int32_t quantize_threshold(double theta, double scale);

/// An identity skip: weight << shift.
struct ShiftedWeight {
  std::int8_t weight = 0;
  std::uint8_t shift = 0;
  bool operator==(const ShiftedWeight&) const = default;
};

/// The smallest shift at which value / scale rounds into the range of `bits`; saturated beyond the largest shift.
ShiftedWeight quantize_diagonal(double value, double scale, int bits);

}  // namespace neurocuda::compiler
