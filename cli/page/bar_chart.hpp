#pragma once

#include <string>
#include <vector>

namespace neurocuda::cli::page {

struct Bar {
  std::string name;
  double value = 0;    ///< 0..100
  std::string detail;  ///< shown when pointed at
};

/// Horizontal bars of percentages, from 0 to 100.
struct BarChart {
  std::string title, x_title, colour;
  std::vector<Bar> bars;
};

std::string to_svg(const BarChart& chart);

}  // namespace neurocuda::cli::page
