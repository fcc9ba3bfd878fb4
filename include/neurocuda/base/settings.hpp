#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "neurocuda/base/error.hpp"

/// Settings that are declared once. A part that has settings keeps them in a flat struct, whose member initialisers are
/// the defaults, and beside it a table with one Field per member: its name, its range, what it is. Options of the
/// command line, keyword arguments of Python, settings files, the documentation, fingerprints of resumed runs and the
/// record in a .nir file are all made from that table (base/settings_json.hpp, cli/settings_options.hpp).
///
///     struct Settings { double percentile = 99.9; };
///     const auto& settings_table(const Settings&);   // found by argument-dependent lookup: a tuple of Fields
namespace neurocuda::settings {

/// Where help and documentation list a setting, and which runs it belongs to.
enum class Group { network, data, calibration, fine_tuning, training, fitting, report, compute };
std::string_view title_of(Group group);

/// Whether the command line has an option for it. What few people touch is set by a recipe, a settings file or Python.
enum class Level { common, expert };

/// Both ends included.
template <class T>
struct Range {
  T low = std::numeric_limits<T>::lowest();
  T high = std::numeric_limits<T>::max();
};
/// The highest number of images that a setting may ask for.
inline constexpr std::int64_t kMostImages = 100'000'000;
/// For what has no order: text, flags, choices, lists.
struct Any {};

/// The choices of an enumeration that is a setting: a specialisation has `list`, an array of (value, name).
template <class E>
struct Choices;

template <class T>
struct Unwrapped {
  using Type = T;
};
template <class T>
struct Unwrapped<std::optional<T>> {
  using Type = T;
};
/// The type of a setting's value; an std::optional is one that may also be left to choose itself ("auto").
template <class T>
using ValueOf = typename Unwrapped<T>::Type;
template <class T>
inline constexpr bool kMayBeAuto = !std::is_same_v<T, ValueOf<T>>;
template <class T>
inline constexpr bool kIsNumber = std::is_arithmetic_v<T> && !std::is_same_v<T, bool>;

template <class Settings, class T>
struct Field {
  using Value = ValueOf<T>;
  using Limits = std::conditional_t<kIsNumber<Value>, Range<Value>, Any>;

  std::string_view name;  ///< snake_case, as Python and JSON have it; the command line's has dashes
  T Settings::*member;
  Limits limits;
  std::string_view doc;  ///< a phrase: units, and what a special value means
  Group group;
  Level level = Level::common;
};

/// One entry of a table; the type of the member decides what `limits` are.
template <class Settings, class T>
constexpr Field<Settings, T> field(std::string_view name, T Settings::*member,
                                   typename Field<Settings, T>::Limits limits, std::string_view doc, Group group,
                                   Level level = Level::common) {
  return {name, member, limits, doc, group, level};
}

/// A setting of earlier versions, and what took its place. Found like a table: `gone_settings(const Settings&)`.
struct Gone {
  std::string_view name;
  std::string_view replacement;  ///< the setting to use now; empty: there is none
  std::string_view reason;       ///< why, where there is none
};

/// Settings that go together: what few people touch, for a purpose.
struct Recipe {
  std::string_view name, doc;
  std::string_view settings;  ///< a JSON object
};

/// "gone; learning_rate took its place", "gone; it did not help".
std::string answer_for(const Gone& gone);

/// "there is no such setting; did you mean fit_images?": names the one that the most letters, in order, agree with,
/// where these are most of both.
std::string answer_for_unknown(std::string_view name, const std::vector<std::string_view>& known);

/// Calls visit(field) for every field of the settings' table, in its order.
template <class Settings, class Visit>
void for_each_field(const Settings& settings, const Visit& visit) {
  std::apply([&](const auto&... fields) { (visit(fields), ...); }, settings_table(settings));
}

/// "50 to 100", "0 or more", "synchronous, exact": what a value must be.
std::string range_text(double low, std::optional<double> high, bool whole);
template <class Settings, class T>
std::string wanted(const Field<Settings, T>& field) {
  using Value = ValueOf<T>;
  std::string text;
  if constexpr (kIsNumber<Value>) {
    const bool bounded = field.limits.high != std::numeric_limits<Value>::max();
    text = range_text(static_cast<double>(field.limits.low),
                      bounded ? std::optional(static_cast<double>(field.limits.high)) : std::nullopt,
                      std::is_integral_v<Value>);
  } else if constexpr (std::is_enum_v<Value>) {
    for (const auto& [value, name] : Choices<Value>::list)
      text += std::string(text.empty() ? "" : ", ") + std::string(name);
  } else if constexpr (std::is_same_v<Value, bool>) {
    text = "true or false";
  } else if constexpr (std::is_same_v<Value, std::string>) {
    text = "text";
  } else {
    text = "a list of numbers";
  }
  return kMayBeAuto<T> ? text + ", or auto" : text;
}

/// The shortest text that reads back as the number: "0.05", "128".
std::string number_text(double value);

template <class T>
std::string value_text(const T& value) {
  if constexpr (kMayBeAuto<T>) {
    return value ? value_text(*value) : "auto";
  } else if constexpr (std::is_same_v<T, bool>) {
    return value ? "true" : "false";
  } else if constexpr (std::is_integral_v<T>) {
    return std::to_string(value);
  } else if constexpr (std::is_floating_point_v<T>) {
    return number_text(static_cast<double>(value));
  } else if constexpr (std::is_enum_v<T>) {
    for (const auto& [choice, name] : Choices<T>::list) {
      if (choice == value) return std::string(name);
    }
    throw InternalError("a setting holds none of its choices");
  } else if constexpr (std::is_same_v<T, std::string>) {
    return value;
  } else {
    std::string text = "[";
    for (const auto& element : value) text += (text.size() > 1 ? ", " : "") + value_text(element);
    return text + "]";
  }
}

/// Throws SettingError when the value lies outside the field's range.
template <class Settings, class T>
void check_field(const Field<Settings, T>& field, const Settings& settings) {
  if constexpr (kIsNumber<ValueOf<T>>) {
    const auto inside = [&](ValueOf<T> value) { return value >= field.limits.low && value <= field.limits.high; };
    const T& value = settings.*field.member;
    bool fits = true;
    if constexpr (kMayBeAuto<T>) {
      fits = !value || inside(*value);
    } else {
      fits = inside(value);
    }
    if (!fits) throw SettingError(std::string(field.name), value_text(value), "must be " + wanted(field));
  }
}

/// Throws SettingError for the first setting outside its range.
template <class Settings>
void validate(const Settings& settings) {
  for_each_field(settings, [&](const auto& field) { check_field(field, settings); });
}

/// name -> value as text, of the fields that `belongs` says yes to: what tells two runs apart.
template <class Settings, class Belongs>
std::vector<std::pair<std::string, std::string>> list_of(const Settings& settings, const Belongs& belongs) {
  std::vector<std::pair<std::string, std::string>> list;
  for_each_field(settings, [&](const auto& field) {
    if (belongs(field.group)) list.emplace_back(std::string(field.name), value_text(settings.*field.member));
  });
  return list;
}

struct Anything {
  template <class T>
  operator T() const;  // NOLINT: converts to whatever the member is
};
template <class Settings, std::size_t... I>
constexpr bool initialised_by(std::index_sequence<I...>) {
  return requires { Settings{(static_cast<void>(I), Anything{})...}; };
}
/// Whether an aggregate has N members, a base being one: it can be initialised from as many values, and from no more. A
/// table asserts it of its settings, so that no member is without its Field.
template <class Settings, std::size_t N>
inline constexpr bool kHasMembers = initialised_by<Settings>(std::make_index_sequence<N>{}) &&
                                    !initialised_by<Settings>(std::make_index_sequence<N + 1>{});

}  // namespace neurocuda::settings
