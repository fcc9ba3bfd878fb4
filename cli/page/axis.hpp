#pragma once

#include <string>
#include <vector>

namespace neurocuda::cli::page {

/// Maps values linearly to pixels; `from` may lie right of or below `to`.
struct Scale {
  double low = 0, high = 1;  ///< values
  double from = 0, to = 1;   ///< pixels
  double operator()(double value) const { return from + (value - low) / (high - low) * (to - from); }
};

/// Round values (1, 2 or 5 times a power of ten apart) that cover [low, high] in about `count` steps.
std::vector<double> round_ticks(double low, double high, int count);

/// A tick's label without trailing zeros.
std::string tick_label(double value);

}  // namespace neurocuda::cli::page
