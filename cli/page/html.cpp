#include "cli/page/html.hpp"

#include <fmt/format.h>

#include "cli/page/svg.hpp"

namespace neurocuda::cli::page {
namespace {

constexpr const char* kStyle = R"css(
:root { color-scheme: light; }
* { box-sizing: border-box; }
body { margin: 0; background: #f9fafb; color: #1f2937; font: 16px/1.55 system-ui, sans-serif; }
main { max-width: 760px; margin: 0 auto; padding: 32px 20px 64px; }
h1 { font-size: 1.8rem; margin: 0 0 .3rem; }
h2 { font-size: 1.2rem; margin: 0 0 .4rem; }
p { margin: .3rem 0 .8rem; }
section { background: #fff; border: 1px solid #e5e7eb; border-radius: 8px; padding: 20px 24px; margin: 20px 0; }
svg { display: block; width: 100%; height: auto; }
svg text { font-family: system-ui, sans-serif; fill: #374151; }
.label { font-size: 12.5px; }
.value { font-size: 12.5px; font-weight: 600; }
.axis-title { font-size: 13px; }
.axis { stroke: #374151; stroke-width: 1; }
.grid { stroke: #e5e7eb; stroke-width: 1; }
.cards { display: flex; flex-wrap: wrap; gap: 12px; margin: 20px 0; }
.card { flex: 1 1 150px; background: #fff; border: 1px solid #e5e7eb; border-radius: 8px; padding: 14px 16px; }
.card b { display: block; font-size: 1.45rem; font-weight: 650; }
.good { border-left: 5px solid #009e73; }
.bad { border-left: 5px solid #d55e00; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
caption { text-align: left; color: #4b5563; padding-bottom: 6px; }
th, td { padding: 5px 10px; text-align: right; border-bottom: 1px solid #e5e7eb; }
th:first-child { text-align: left; font-weight: 500; padding-left: 0; }
thead th { font-weight: 600; border-bottom: 1px solid #9ca3af; }
code { background: #f3f4f6; padding: 1px 5px; border-radius: 4px; font-size: .92em; }
figure { margin: 0 0 14px; }
img { display: block; width: 100%; image-rendering: pixelated; border: 1px solid #e5e7eb; }
.pixels { max-width: 112px; }
.samples { display: grid; grid-template-columns: repeat(auto-fill, minmax(104px, 1fr)); gap: 14px; }
.sample { margin: 0; font-size: .85rem; line-height: 1.4; overflow-wrap: anywhere; }
.differs { outline: 3px solid #d55e00; outline-offset: 4px; }
.right { color: #00694c; }
.wrong { color: #a94400; }
h1, p, li { overflow-wrap: anywhere; }
.commands { overflow-x: auto; white-space: nowrap; }
.chart { overflow-x: auto; }
@media (max-width: 600px) {
  section { padding: 16px 14px; }
  .chart svg { min-width: 520px; }
}
)css";

std::string cells(const std::vector<std::string>& row, bool header) {
  std::string html;
  for (std::size_t i = 0; i < row.size(); ++i) {
    const char* tag = header || i == 0 ? "th" : "td";
    const char* scope = header ? " scope=\"col\"" : (i == 0 ? " scope=\"row\"" : "");
    html += fmt::format("<{0}{1}>{2}</{0}>", tag, scope, escape(row[i]));
  }
  return "<tr>" + html + "</tr>\n";
}

}  // namespace

std::string page(const std::string& title, const std::string& body) {
  return fmt::format(
      "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{}</title>\n<style>{}</style>\n"
      "</head>\n<body>\n<main>\n{}</main>\n</body>\n</html>\n",
      escape(title), kStyle, body);
}

std::string html_table(const std::string& caption, const std::vector<std::string>& header,
                       const std::vector<std::vector<std::string>>& rows) {
  std::string html = fmt::format("<div class=\"scroll\"><table>\n<caption>{}</caption>\n<thead>\n{}</thead>\n<tbody>\n",
                                 escape(caption), cells(header, true));
  for (const auto& row : rows) html += cells(row, false);
  return html + "</tbody>\n</table></div>\n";
}

std::string section(const std::string& title, const std::string& explanation, const std::string& content) {
  return fmt::format("<section>\n<h2>{}</h2>\n<p>{}</p>\n{}</section>\n", escape(title), escape(explanation), content);
}

}  // namespace neurocuda::cli::page
