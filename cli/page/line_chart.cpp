#include "cli/page/line_chart.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "cli/page/axis.hpp"
#include "cli/page/svg.hpp"

namespace neurocuda::cli::page {
namespace {

constexpr double kWidth = 640, kHeight = 340, kLeft = 64, kRight = 28, kTop = 44, kBottom = 52;

struct Axes {
  Scale x, y;
  std::vector<double> ticks;
};

Axes axes_of(const LineChart& chart) {
  double low = chart.series.front().values.front(), high = low;
  for (const Series& series : chart.series) {
    for (const double value : series.values) {
      low = std::min(low, value);
      high = std::max(high, value);
    }
  }
  Axes axes;
  axes.ticks = round_ticks(low - 0.1 * (high - low), high, 5);  // room below for the values' labels
  axes.y = {axes.ticks.front(), axes.ticks.back(), kHeight - kBottom, kTop};
  axes.x = {-0.35, static_cast<double>(chart.categories.size()) - 0.65, kLeft, kWidth - kRight};
  return axes;
}

void draw_axes(Svg& svg, const LineChart& chart, const Axes& axes) {
  for (const double tick : axes.ticks) {
    svg.line({kLeft, axes.y(tick), kWidth - kRight, axes.y(tick)}, "grid");
    svg.text(kLeft - 8, axes.y(tick) + 4, tick_label(tick), "label", Anchor::end);
  }
  svg.line({kLeft, kHeight - kBottom, kWidth - kRight, kHeight - kBottom}, "axis");
  for (std::size_t i = 0; i < chart.categories.size(); ++i) {
    const double x = axes.x(static_cast<double>(i));
    svg.line({x, kHeight - kBottom, x, kHeight - kBottom + 5}, "axis");
    svg.text(x, kHeight - kBottom + 20, chart.categories[i], "label", Anchor::middle);
  }
  svg.text((kLeft + kWidth - kRight) / 2, kHeight - 10, chart.x_title, "axis-title", Anchor::middle);
  svg.vertical_text(16, (kTop + kHeight - kBottom) / 2, chart.y_title, "axis-title");
}

void draw_legend(Svg& svg, const LineChart& chart) {
  double x = kLeft;
  for (const Series& series : chart.series) {
    svg.path(fmt::format("M{:.1f} 18h26", x), series.colour, false, series.dashed);
    if (!series.dashed) svg.circle(x + 13, 18, 4, series.colour);
    svg.text(x + 32, 22, series.name, "label");
    x += 32 + 7.2 * static_cast<double>(series.name.size()) + 24;
  }
}

void draw_series(Svg& svg, const LineChart& chart, const Series& series, const Axes& axes) {
  std::string commands;
  for (std::size_t i = 0; i < series.values.size(); ++i) {
    commands +=
        fmt::format("{}{:.1f} {:.1f}", i == 0 ? "M" : "L", axes.x(static_cast<double>(i)), axes.y(series.values[i]));
  }
  svg.path(commands, series.colour, false, series.dashed);
  if (series.dashed) return;
  for (std::size_t i = 0; i < series.values.size(); ++i) {
    const double x = axes.x(static_cast<double>(i)), y = axes.y(series.values[i]);
    svg.circle(x, y, 4.5, series.colour,
               fmt::format("{}, {} {}: {:.2f}", series.name, chart.x_title, chart.categories[i], series.values[i]));
    if (series.labelled) svg.text(x + 8, y + 18, fmt::format("{:.2f}", series.values[i]), "value");
  }
}

}  // namespace

std::string to_svg(const LineChart& chart) {
  Svg svg(kWidth, kHeight, chart.title);
  const Axes axes = axes_of(chart);
  draw_axes(svg, chart, axes);
  draw_legend(svg, chart);
  for (const Series& series : chart.series) draw_series(svg, chart, series, axes);
  return svg.to_string();
}

}  // namespace neurocuda::cli::page
