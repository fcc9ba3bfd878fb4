#pragma once

#include <string>
#include <string_view>

namespace neurocuda::cli::page {

/// Text made safe for HTML and SVG, attributes included.
std::string escape(std::string_view text);

enum class Anchor { start, middle, end };

struct Line {
  double x1 = 0, y1 = 0, x2 = 0, y2 = 0;
};
struct Box {
  double x = 0, y = 0, width = 0, height = 0;
};

/// An inline SVG picture that is written from back to front. Looks come from CSS classes of the page ("axis", "grid",
/// "label", "value"); only data colours are given here.
class Svg {
 public:
  /// `title` is read out by screen readers in place of the picture.
  Svg(double width, double height, std::string_view title);

  void line(const Line& line, std::string_view style_class);
  void box(const Box& box, std::string_view colour, std::string_view tooltip = {});
  void circle(double x, double y, double radius, std::string_view colour, std::string_view tooltip = {});
  /// A path in SVG syntax, filled or drawn as a line.
  void path(std::string_view commands, std::string_view colour, bool filled, bool dashed = false);
  void text(double x, double y, std::string_view text, std::string_view style_class, Anchor anchor = Anchor::start);
  /// Reads from bottom to top: the title of a vertical axis.
  void vertical_text(double x, double y, std::string_view text, std::string_view style_class);

  /// Narrow screens scroll it rather than make its text unreadable.
  std::string to_string() const { return "<div class=\"chart\">\n" + body_ + "</svg>\n</div>\n"; }

 private:
  std::string body_;
};

/// Colours that people with any kind of colour vision can tell apart (Okabe and Ito 2008).
inline constexpr std::string_view kBlue = "#0072b2", kVermilion = "#d55e00", kGreen = "#009e73", kGrey = "#6b7280",
                                  kPurple = "#a5578b", kInk = "#1f2937";

}  // namespace neurocuda::cli::page
