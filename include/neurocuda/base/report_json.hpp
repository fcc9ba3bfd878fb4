#pragma once

#include <concepts>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "neurocuda/base/settings_json.hpp"

/// Reports whose facts are declared once. Beside a struct stands
///
///     template <class Visit>
///     void visit_fields(const Evaluation& evaluation, const Visit& visit) {
///       visit("accuracy", evaluation.accuracy);
///       ...
///
/// and --json, Python and the report page are made from that: they cannot name different facts.
namespace neurocuda::report {

using Json = nlohmann::ordered_json;

namespace detail {

struct AnyVisit {
  template <class Name, class Value>
  void operator()(const Name&, const Value&) const {}
};
template <class T>
concept Report = requires(const T& value) {
  visit_fields(value, AnyVisit{});
};
template <class T>
concept HasSettingsTable = requires(const T& value) {
  settings_table(value);
};

template <class T>
Json written(const T& value);

template <class T>
Json written_list(const std::vector<T>& list) {
  Json json = Json::array();
  for (const T& element : list) json.push_back(written(element));
  return json;
}

template <class T>
Json written(const std::optional<T>& value) {
  return value ? written(*value) : Json(nullptr);
}
template <class T>
Json written(const std::vector<T>& list) {
  return written_list(list);
}

template <class T>
Json written(const T& value) {
  if constexpr (Report<T>) {
    Json json = Json::object();
    visit_fields(value, [&](const auto& name, const auto& field) { json[std::string(name)] = written(field); });
    return json;
  } else if constexpr (HasSettingsTable<T>) {
    return settings::to_json(value);
  } else {
    return Json(value);
  }
}

}  // namespace detail

/// The facts of a report, in the order in which they are declared.
template <detail::Report T>
Json to_json(const T& value) {
  return detail::written(value);
}

/// The same for a list of reports.
template <detail::Report T>
Json to_json(const std::vector<T>& list) {
  return detail::written_list(list);
}

}  // namespace neurocuda::report
