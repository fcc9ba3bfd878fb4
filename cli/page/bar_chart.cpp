#include "cli/page/bar_chart.hpp"

#include "cli/page/axis.hpp"
#include "cli/page/names.hpp"
#include "cli/page/svg.hpp"
#include "cli/table.hpp"

namespace neurocuda::cli::page {
namespace {
constexpr double kWidth = 640, kRow = 26, kBarHeight = 16, kTop = 10, kBottom = 48, kRight = 70;

}  // namespace

std::string to_svg(const BarChart& chart) {
  std::vector<std::string> names;
  for (const Bar& bar : chart.bars) names.push_back(bar.name);
  const double left = name_width(names);
  const double bottom = kTop + kRow * static_cast<double>(chart.bars.size());
  const std::vector<double> ticks = round_ticks(0, chart.highest, 4);
  const Scale x{0, ticks.back(), left, kWidth - kRight};
  Svg svg(kWidth, bottom + kBottom, chart.title);
  for (const double tick : ticks) {
    svg.line({x(tick), kTop, x(tick), bottom}, "grid");
    svg.text(x(tick), bottom + 18, chart.highest > 1000 ? with_unit_prefix(tick) : tick_label(tick), "label",
             Anchor::middle);
  }
  for (std::size_t i = 0; i < chart.bars.size(); ++i) {
    const Bar& bar = chart.bars[i];
    const double y = kTop + kRow * static_cast<double>(i);
    svg.text(left - 8, y + 17, fitted(bar.name, left), "label", Anchor::end);
    svg.box({left, y + (kRow - kBarHeight) / 2, x(bar.value) - left, kBarHeight}, chart.colour, bar.detail);
    svg.text(x(bar.value) + 6, y + 17, bar.label, "value");
  }
  svg.line({left, kTop, left, bottom}, "axis");
  svg.text((left + kWidth - kRight) / 2, bottom + 38, chart.x_title, "axis-title", Anchor::middle);
  return svg.to_string();
}

}  // namespace neurocuda::cli::page
