#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "neurocuda/base/settings.hpp"

/// Settings and JSON, from the table: {"percentile": 99.9, "levels": null, ...}; null is "auto".
namespace neurocuda::settings {

using Json = nlohmann::ordered_json;

namespace detail {

/// As messages show it. Not the whole of a list: files of others may nest thousands deep.
inline std::string brief(const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_structured()) return value.is_array() ? "[...]" : "{...}";
  return value.dump();
}

[[noreturn]] inline void refuse(std::string_view name, const Json& value, const std::string& reason) {
  throw SettingError(std::string(name), brief(value), reason);
}

/// The JSON value as a V; false when it is not one.
template <class V>
bool read(const Json& json, V& value) {
  if constexpr (std::is_same_v<V, bool>) {
    if (!json.is_boolean()) return false;
    value = json.get<bool>();
  } else if constexpr (std::is_enum_v<V>) {
    for (const auto& [choice, name] : Choices<V>::list) {
      if (json.is_string() && json.get_ref<const std::string&>() == name) {
        value = choice;
        return true;
      }
    }
    return false;
  } else if constexpr (std::is_integral_v<V>) {
    // 128.0 is a whole number too: languages without integers write it so.
    if (json.is_number_float()) {
      const double number = json.get<double>();
      if (!(number >= -9e15 && number <= 9e15) || number != static_cast<double>(static_cast<std::int64_t>(number)))
        return false;
      return read(Json(static_cast<std::int64_t>(number)), value);
    }
    if (!json.is_number_integer()) return false;
    if (json.is_number_unsigned()) {
      const auto number = json.get<std::uint64_t>();
      if (number > static_cast<std::uint64_t>(std::numeric_limits<V>::max())) return false;
      value = static_cast<V>(number);
      return true;
    }
    const auto number = json.get<std::int64_t>();
    if (std::is_unsigned_v<V> && number < 0) return false;
    if (number < static_cast<std::int64_t>(std::numeric_limits<V>::min())) return false;
    value = static_cast<V>(number);
  } else if constexpr (std::is_floating_point_v<V>) {
    if (!json.is_number()) return false;
    value = json.get<V>();
  } else if constexpr (std::is_same_v<V, std::string>) {
    if (!json.is_string()) return false;
    value = json.get<std::string>();
  } else {
    if (!json.is_array()) return false;
    value.clear();
    for (const Json& element : json) {
      value.emplace_back();
      if (!read(element, value.back())) return false;
    }
  }
  return true;
}

template <class T>
Json written(const T& value) {
  if constexpr (kMayBeAuto<T>) {
    return value ? written(*value) : Json(nullptr);
  } else if constexpr (std::is_enum_v<T>) {
    return value_text(value);
  } else {
    return value;
  }
}

}  // namespace detail

/// Every setting by name.
template <class Settings>
Json to_json(const Settings& settings) {
  Json json = Json::object();
  for_each_field(settings,
                 [&](const auto& field) { json[std::string(field.name)] = detail::written(settings.*field.member); });
  return json;
}

/// Sets one setting. False when there is none of this name; SettingError when the value is of the wrong kind or outside
/// its range.
template <class Settings>
bool assign(Settings& settings, std::string_view name, const Json& value) {
  bool found = false;
  for_each_field(settings, [&](const auto& field) {
    if (field.name != name) return;
    found = true;
    auto& member = settings.*field.member;
    using T = std::remove_cvref_t<decltype(member)>;
    ValueOf<T> read{};
    if constexpr (kMayBeAuto<T>) {
      if (value.is_null() || value == "auto") {
        member.reset();
        return;
      }
    }
    if (!detail::read(value, read)) detail::refuse(name, value, "must be " + wanted(field));
    member = std::move(read);
    check_field(field, settings);
  });
  return found;
}

/// A value from the command line: the words of a choice or of a text as they are, anything else as JSON writes it.
template <class Settings>
bool assign_text(Settings& settings, std::string_view name, const std::string& text) {
  Json json = Json::parse(text, nullptr, false);
  bool plain = json.is_discarded();
  for_each_field(settings, [&](const auto& field) {
    using Value = typename std::remove_cvref_t<decltype(field)>::Value;
    if (field.name == name) plain = plain || std::is_same_v<Value, std::string>;
  });
  return assign(settings, name, plain ? Json(text) : json);
}

/// Sets everything that an object names. SettingError for a name that is no setting, which says what took the place of
/// one that is gone.
template <class Settings>
void assign_all(Settings& settings, const Json& object) {
  for (const auto& [name, value] : object.items()) {
    if (assign(settings, name, value)) continue;
    for (const Gone& gone : gone_settings(settings)) {
      if (gone.name == name) throw SettingError(name, detail::brief(value), answer_for(gone));
    }
    std::vector<std::string_view> known;
    for_each_field(settings, [&](const auto& field) { known.push_back(field.name); });
    throw SettingError(name, detail::brief(value), answer_for_unknown(name, known));
  }
}

/// Sets what a recipe says. UserError that lists the recipes when there is none of this name.
template <class Settings>
void apply_recipe(Settings& settings, std::string_view name) {
  std::string known;
  for (const Recipe& recipe : recipes_of(settings)) {
    if (recipe.name == name) return assign_all(settings, Json::parse(recipe.settings));
    known += std::string(known.empty() ? "" : ", ") + std::string(recipe.name);
  }
  fail("recipe '{}' is unknown; choose one of {}", name, known.empty() ? "none" : known);
}

/// The table itself, for documentation and Python: one object per field with name, type, default, low, high, choices,
/// doc, group and level.
template <class Settings>
Json describe_fields() {
  const Settings defaults;
  Json list = Json::array();
  for_each_field(defaults, [&](const auto& field) {
    using T = std::remove_cvref_t<decltype(defaults.*field.member)>;
    using Value = ValueOf<T>;
    Json entry{{"name", field.name}, {"default", detail::written(defaults.*field.member)}, {"auto", kMayBeAuto<T>}};
    if constexpr (kIsNumber<Value>) {
      entry["type"] = std::is_integral_v<Value> ? "int" : "float";
      entry["low"] = field.limits.low;
      entry["high"] = field.limits.high;
    } else if constexpr (std::is_enum_v<Value>) {
      entry["type"] = "str";
      for (const auto& [value, name] : Choices<Value>::list) entry["choices"].push_back(name);
    } else {
      entry["type"] = std::is_same_v<Value, bool> ? "bool" : std::is_same_v<Value, std::string> ? "str" : "list";
    }
    entry["wanted"] = wanted(field);
    entry["doc"] = field.doc;
    entry["group"] = title_of(field.group);
    entry["level"] = field.level == Level::common ? "common" : "expert";
    list.push_back(std::move(entry));
  });
  return list;
}

/// All that is declared: {"fields": [...], "recipes": [...], "gone": [...]}.
template <class Settings>
Json describe() {
  const Settings defaults;
  Json recipes = Json::array(), gone = Json::array();
  for (const Recipe& recipe : recipes_of(defaults))
    recipes.push_back({{"name", recipe.name}, {"doc", recipe.doc}, {"settings", Json::parse(recipe.settings)}});
  for (const Gone& setting : gone_settings(defaults))
    gone.push_back({{"name", setting.name}, {"answer", answer_for(setting)}});
  return {{"fields", describe_fields<Settings>()}, {"recipes", recipes}, {"gone", gone}};
}

}  // namespace neurocuda::settings
