#pragma once

#include <string>
#include <vector>

namespace neurocuda::cli::page {

struct Series {
  std::string name, colour;
  std::vector<double> values;  ///< one per category
  bool dashed = false;         ///< a line to compare with: drawn without points
  bool labelled = false;       ///< write the values beside the points
};

/// Lines over a few ordered categories (timesteps), which stand evenly spaced.
struct LineChart {
  std::string title, x_title, y_title;
  std::vector<std::string> categories;
  std::vector<Series> series;
};

std::string to_svg(const LineChart& chart);

}  // namespace neurocuda::cli::page
