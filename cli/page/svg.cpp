#include "cli/page/svg.hpp"

#include <fmt/format.h>

#include "neurocuda/base/text.hpp"

namespace neurocuda::cli::page {
namespace {

const char* anchor_name(Anchor anchor) {
  switch (anchor) {
    case Anchor::start:
      return "start";
    case Anchor::middle:
      return "middle";
    case Anchor::end:
      return "end";
  }
  return "start";
}

std::string tooltip_element(std::string_view tooltip) {
  return tooltip.empty() ? "" : fmt::format("<title>{}</title>", escape(tooltip));
}

}  // namespace

std::string escape(std::string_view text) {
  std::string safe;
  for (const char c : printable(text)) {
    switch (c) {
      case '&':
        safe += "&amp;";
        break;
      case '<':
        safe += "&lt;";
        break;
      case '>':
        safe += "&gt;";
        break;
      case '"':
        safe += "&quot;";
        break;
      default:
        safe += c;
    }
  }
  return safe;
}

Svg::Svg(double width, double height, std::string_view title)
    : body_(fmt::format(
          "<svg viewBox=\"0 0 {:.0f} {:.0f}\" style=\"max-width:{:.0f}px\" role=\"img\" aria-label=\"{}\">\n", width,
          height, width, escape(title))) {}

void Svg::line(const Line& line, std::string_view style_class) {
  body_ += fmt::format("<line class=\"{}\" x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\"/>\n", style_class,
                       line.x1, line.y1, line.x2, line.y2);
}

void Svg::box(const Box& box, std::string_view colour, std::string_view tooltip) {
  body_ += fmt::format("<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\" fill=\"{}\">{}</rect>\n",
                       box.x, box.y, box.width, box.height, colour, tooltip_element(tooltip));
}

void Svg::circle(double x, double y, double radius, std::string_view colour, std::string_view tooltip) {
  body_ += fmt::format("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"{:.1f}\" fill=\"{}\">{}</circle>\n", x, y, radius,
                       colour, tooltip_element(tooltip));
}

void Svg::path(std::string_view commands, std::string_view colour, bool filled, bool dashed) {
  const std::string look = filled ? fmt::format("fill=\"{}\"", colour)
                                  : fmt::format("fill=\"none\" stroke=\"{}\" stroke-width=\"2\"{}", colour,
                                                dashed ? " stroke-dasharray=\"6 4\"" : "");
  body_ += fmt::format("<path d=\"{}\" {}/>\n", commands, look);
}

void Svg::text(double x, double y, std::string_view text, std::string_view style_class, Anchor anchor) {
  body_ += fmt::format("<text class=\"{}\" x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"{}\">{}</text>\n", style_class, x, y,
                       anchor_name(anchor), escape(text));
}

void Svg::vertical_text(double x, double y, std::string_view text, std::string_view style_class) {
  body_ += fmt::format(
      "<text class=\"{}\" transform=\"translate({:.1f} {:.1f}) rotate(-90)\" text-anchor=\"middle\">{}</text>\n",
      style_class, x, y, escape(text));
}

}  // namespace neurocuda::cli::page
