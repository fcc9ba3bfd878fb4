#include "neurocuda/base/settings.hpp"

#include <cmath>

namespace neurocuda::settings {

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

std::string number_text(double value) { return fmt::format("{}", value); }

std::string range_text(double low, std::optional<double> high, bool whole) {
  const auto text = [&](double value) {
    return whole ? std::to_string(static_cast<std::int64_t>(value)) : number_text(value);
  };
  return (whole ? "a whole number, " : "") + text(low) + (high ? " to " + text(*high) : " or more");
}

}  // namespace neurocuda::settings
