#include "cli/notices.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

namespace neurocuda::cli {

void Notices::add(const std::string& text) {
  if (text.empty() || std::ranges::find(list_, text) != list_.end()) return;
  list_.push_back(text);
  std::string line = text;
  std::ranges::replace(line, '\n', ' ');
  fmt::print(stderr, "neurocuda: note: {}\n", line);
}

void Notices::add(const std::vector<std::string>& texts) {
  for (const std::string& text : texts) add(text);
}

}  // namespace neurocuda::cli
