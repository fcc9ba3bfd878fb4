#pragma once

#include "neurocuda/base/settings.hpp"

namespace neurocuda::testing {

/// Gives a setting another value that is in its range.
template <class Settings, class T>
void change(Settings& settings, const settings::Field<Settings, T>& field) {
  using Value = typename settings::Field<Settings, T>::Value;
  T& member = settings.*field.member;
  Value value{};
  if constexpr (settings::kMayBeAuto<T>) {
    if (member) value = *member;
  } else {
    value = member;
  }
  if constexpr (std::is_same_v<Value, bool>) {
    member = !value;
  } else if constexpr (std::is_integral_v<Value>) {
    member = value < field.limits.high ? value + 1 : value - 1;
  } else if constexpr (std::is_floating_point_v<Value>) {
    const double half = (value + field.limits.low) / 2;
    member = half != value ? half : (value + field.limits.high) / 2;
  } else if constexpr (std::is_enum_v<Value>) {
    for (const auto& [choice, name] : settings::Choices<Value>::list) {
      if (choice != value) member = choice;
    }
  } else if constexpr (std::is_same_v<Value, std::string>) {
    member = value + "x";
  } else {
    value.push_back(1.5F);
    member = value;
  }
}

}  // namespace neurocuda::testing
