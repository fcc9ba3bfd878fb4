#include "neurocuda/base/settings.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace neurocuda::settings {
namespace {

/// Length of the longest common subsequence. Names of others are looked at as far as a setting's may be long.
std::size_t letters_in_common(std::string_view a, std::string_view b) {
  a = a.substr(0, 64);
  b = b.substr(0, 64);
  std::vector<std::size_t> above(b.size() + 1), row(b.size() + 1);
  for (const char letter : a) {
    for (std::size_t j = 0; j < b.size(); ++j)
      row[j + 1] = letter == b[j] ? above[j] + 1 : std::max(above[j + 1], row[j]);
    std::swap(above, row);
  }
  return above.back();
}

}  // namespace

std::string_view title_of(Group group) {
  switch (group) {
    case Group::network:
      return "Network";
    case Group::data:
      return "Data";
    case Group::calibration:
      return "Calibration";
    case Group::fine_tuning:
      return "Fine-tuning";
    case Group::training:
      return "Training";
    case Group::fitting:
      return "Fitting, without training";
    case Group::report:
      return "Report";
    case Group::compute:
      return "Compute";
  }
  throw InternalError("a group of settings without a title");
}

std::string answer_for(const Gone& gone) {
  if (gone.replacement.empty()) return "this setting is gone: " + std::string(gone.reason);
  return "this setting is gone; use " + std::string(gone.replacement);
}

std::string answer_for_unknown(std::string_view name, const std::vector<std::string_view>& known) {
  const std::string answer = "there is no such setting";
  double best = 0.7;
  std::string_view nearest;
  for (const std::string_view candidate : known) {
    const auto agreeing = static_cast<double>(2 * letters_in_common(name, candidate));
    const double share = agreeing / static_cast<double>(name.size() + candidate.size());
    if (share <= best) continue;
    best = share;
    nearest = candidate;
  }
  return nearest.empty() ? answer : fmt::format("{}; did you mean {}?", answer, nearest);
}

std::string number_text(double value) { return fmt::format("{}", value); }

std::string range_text(double low, std::optional<double> high, bool whole) {
  const auto text = [&](double value) {
    return whole ? std::to_string(static_cast<std::int64_t>(value)) : number_text(value);
  };
  return (whole ? "a whole number, " : "") + text(low) + (high ? " to " + text(*high) : " or more");
}

}  // namespace neurocuda::settings
