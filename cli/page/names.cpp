#include "cli/page/names.hpp"

#include <algorithm>

namespace neurocuda::cli::page {
namespace {

constexpr double kCharacter = 7.2, kMargin = 16, kWidest = 214;

/// Characters, not bytes: continuation bytes of UTF-8 are not counted.
bool begins_character(char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }
std::int64_t characters(const std::string& text) { return std::count_if(text.begin(), text.end(), begins_character); }

}  // namespace

double name_width(std::span<const std::string> names) {
  std::int64_t longest = 0;
  for (const std::string& name : names) longest = std::max(longest, characters(name));
  return std::min(kWidest, kCharacter * static_cast<double>(longest) + kMargin);
}

std::string fitted(const std::string& name, double width) {
  const auto room = static_cast<std::int64_t>((width - kMargin) / kCharacter + 1e-6);
  std::int64_t left_out = characters(name) - room;
  if (left_out <= 0) return name;
  left_out += 1;  // for the dots
  std::size_t begin = 0;
  while (begin < name.size() && (left_out > 0 || !begins_character(name[begin])))
    left_out -= begins_character(name[begin++]) ? 1 : 0;
  return "\u2026" + name.substr(begin);
}

}  // namespace neurocuda::cli::page
