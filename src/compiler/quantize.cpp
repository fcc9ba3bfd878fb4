#include "neurocuda/compiler/quantize.hpp"

#include <algorithm>
#include <cmath>

#include "neurocuda/program/program.hpp"

namespace neurocuda::compiler {

double channel_scale(double absmax, int bits) { return absmax / largest_code(bits); }

std::int8_t quantize_weight(double value, double scale, int bits) {
  const double limit = largest_code(bits);
  return static_cast<std::int8_t>(std::clamp(round_half_even(value / scale), -limit, limit));
}

std::int32_t quantize_offset(double value, double scale) {
  return static_cast<std::int32_t>(std::clamp<double>(round_half_even(value / scale), -INT32_MAX, INT32_MAX));
}

std::int32_t quantize_threshold(double theta, double scale) {
  constexpr std::int32_t kLargestHalf = INT32_MAX / 2;
  return 2 * std::clamp(quantize_offset(theta / 2, scale), 1, kLargestHalf);
}

ShiftedWeight quantize_diagonal(double value, double scale, int bits) {
  const double limit = largest_code(bits);
  std::uint8_t shift = 0;
  // Dividing by a power of two is exact, so a larger shift never moves the ties of a smaller one.
  while (shift < program::kMaxShift && std::abs(round_half_even(std::ldexp(value / scale, -shift))) > limit) ++shift;
  return {quantize_weight(std::ldexp(value, -shift), scale, bits), shift};
}

}  // namespace neurocuda::compiler
