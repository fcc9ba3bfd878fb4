#pragma once

#include "json_bridge.hpp"

namespace neurocuda::python {

/// Settings from keyword arguments: the defaults, a recipe where one is named, then what the dict says.
template <class Settings>
Settings settings_of(const nb::dict& given, const nb::object& recipe) {
  Settings settings;
  if (!recipe.is_none()) settings::apply_recipe(settings, nb::cast<std::string>(recipe));
  settings::assign_all(settings, json_of(given, ""));
  settings::validate(settings);
  return settings;
}

/// name(): the table as {"fields": [...], "recipes": [...], "gone": [...]}.
template <class Settings>
void bind_settings_table(nb::module_& module, const char* name) {
  module.def(
      name, [] { return object_of(settings::describe<Settings>()); },
      "The table of settings: fields (name, type, default, low, high, choices, doc, group, level), recipes, gone.");
}

}  // namespace neurocuda::python
