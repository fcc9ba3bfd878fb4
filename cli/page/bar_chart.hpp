#pragma once

#include <string>
#include <vector>

namespace neurocuda::cli::page {

struct Bar {
  std::string name;
  double value = 0;
  std::string label;   ///< written behind the bar
  std::string detail;  ///< shown when pointed at
};

/// Horizontal bars from 0.
struct BarChart {
  std::string title, x_title, colour;
  std::vector<Bar> bars;
  double highest = 100;  ///< where the axis ends; above 0
};

std::string to_svg(const BarChart& chart);

}  // namespace neurocuda::cli::page
