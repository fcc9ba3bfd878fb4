#include "cli/page/bar_chart.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "cli/page/axis.hpp"
#include "cli/page/svg.hpp"

namespace neurocuda::cli::page {
namespace {
constexpr double kWidth = 640, kRow = 26, kBarHeight = 16, kTop = 10, kBottom = 48, kRight = 70;

double name_width(const BarChart& chart) {
  std::size_t longest = 0;
  for (const Bar& bar : chart.bars) longest = std::max(longest, bar.name.size());
  return std::min(220.0, 7.2 * static_cast<double>(longest) + 16);
}

}  // namespace

std::string to_svg(const BarChart& chart) {
  const double left = name_width(chart);
  const double bottom = kTop + kRow * static_cast<double>(chart.bars.size());
  const Scale x{0, 100, left, kWidth - kRight};
  Svg svg(kWidth, bottom + kBottom, chart.title);
  for (const double tick : {0.0, 25.0, 50.0, 75.0, 100.0}) {
    svg.line({x(tick), kTop, x(tick), bottom}, "grid");
    svg.text(x(tick), bottom + 18, tick_label(tick), "label", Anchor::middle);
  }
  for (std::size_t i = 0; i < chart.bars.size(); ++i) {
    const Bar& bar = chart.bars[i];
    const double y = kTop + kRow * static_cast<double>(i);
    svg.text(left - 8, y + 17, bar.name, "label", Anchor::end);
    svg.box({left, y + (kRow - kBarHeight) / 2, x(bar.value) - left, kBarHeight}, chart.colour, bar.detail);
    svg.text(x(bar.value) + 6, y + 17, fmt::format("{:.1f}", bar.value), "value");
  }
  svg.line({left, kTop, left, bottom}, "axis");
  svg.text((left + kWidth - kRight) / 2, bottom + 38, chart.x_title, "axis-title", Anchor::middle);
  return svg.to_string();
}

}  // namespace neurocuda::cli::page
