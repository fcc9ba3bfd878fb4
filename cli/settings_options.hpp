#pragma once

#include <CLI/CLI.hpp>
#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "cli/settings_file.hpp"
#include "neurocuda/base/settings_json.hpp"

/// The options of a subcommand that come from a settings table: one for every common field, with the group, range and
/// default that the table has. Names are the fields', with dashes.
namespace neurocuda::cli {

/// "learning_rate" -> "--learning-rate".
std::string option_name(std::string_view setting);

/// As help shows it, with a capital.
std::string sentence(std::string_view doc);

/// Which fields become options.
struct SettingsChoice {
  std::vector<std::string_view> only{};    ///< empty: all common ones
  std::vector<std::string_view> except{};  ///< not even if common: the subcommand has an option of its own
};

/// What the command line said of the settings. Order of precedence: an option, a recipe, a settings file, the default.
template <class Settings>
class SettingsOptions {
 public:
  /// Without recipes no --recipe is offered.
  void add_to(CLI::App& app, const SettingsChoice& choice = {}) {
    const Settings defaults;
    app.add_option("--settings", file_, "Settings to start from: a JSON file, or the .nir of an earlier conversion")
        ->type_name("FILE");
    if (!recipes_of(defaults).empty()) add_recipe(app);
    settings::for_each_field(defaults, [&](const auto& field) { add_field(app, field, defaults, choice); });
    for (const settings::Gone& gone : gone_settings(defaults)) {
      const std::string answer = gone.replacement.empty()
                                     ? settings::answer_for(gone)
                                     : "this option is gone; use " + where_to_set(gone.replacement);
      add_answer(app, option_name(gone.name), answer);
    }
  }

  /// Throws UserError when the file or the recipe is not usable, SettingError when a setting is out of range.
  Settings settings() const {
    Settings result;
    if (!file_.empty()) assign_from_file(result);
    if (!recipe_.empty()) settings::apply_recipe(result, recipe_);
    for (const auto& [name, text] : given_) {
      if (!text.empty()) settings::assign_text(result, name, text);
    }
    return result;
  }

  /// --settings FILE; empty when not given.
  const std::string& file() const { return file_; }

  /// Whether an option gave this setting.
  bool gives(const std::string& name) const {
    const auto found = given_.find(name);
    return found != given_.end() && !found->second.empty();
  }

 private:
  void add_recipe(CLI::App& app) {
    std::string names;
    for (const settings::Recipe& recipe : recipes_of(Settings{}))
      names += std::string(names.empty() ? "" : ", ") + std::string(recipe.name);
    app.add_option("--recipe", recipe_, "Settings for a purpose: " + names + "; 'neurocuda settings' lists them")
        ->type_name("NAME");
  }

  template <class F>
  void add_field(CLI::App& app, const F& field, const Settings& defaults, const SettingsChoice& choice) {
    const auto listed = [&](const auto& list) { return std::find(list.begin(), list.end(), field.name) != list.end(); };
    if (listed(choice.except)) return;
    const bool offered = choice.only.empty() ? field.level == settings::Level::common : listed(choice.only);
    const std::string name = option_name(field.name);
    if (!offered)
      return add_answer(app, name, "set it in a settings file (--settings FILE) as " + std::string(field.name));
    std::string& text = given_[std::string(field.name)];
    const std::string names = (field.name == "timesteps" ? "-T," : "") + name;
    CLI::Option* option = nullptr;
    if constexpr (std::is_same_v<typename F::Value, bool>) {
      option = app.add_flag_function(
          names, [&text](std::int64_t count) { text = count > 0 ? "true" : ""; }, sentence(field.doc));
    } else {
      option = app.add_option(names, text, sentence(field.doc))
                   ->type_name(type_name(field))
                   ->default_str(settings::value_text(defaults.*field.member))
                   ->check(checker(std::string(field.name)));
    }
    option->group(std::string(settings::title_of(field.group)));
  }

  /// The table's own check, so that a bad value is answered before any work.
  static CLI::Validator checker(const std::string& name) {
    return CLI::Validator(
        [name](std::string& text) -> std::string {
          try {
            Settings probe;
            settings::assign_text(probe, name, text);
          } catch (const SettingError& error) {
            return error.value() + ": " + error.reason();
          }
          return "";
        },
        "");
  }

  template <class F>
  static std::string type_name(const F&) {
    using Value = typename F::Value;
    if constexpr (std::is_enum_v<Value>) {
      std::string names;
      for (const auto& [value, name] : settings::Choices<Value>::list)
        names += std::string(names.empty() ? "" : "|") + std::string(name);
      return names;
    } else {
      return std::is_integral_v<Value> ? "N" : std::is_floating_point_v<Value> ? "X" : "NAME";
    }
  }

  /// An option that the help does not list and that is answered rather than obeyed.
  void add_answer(CLI::App& app, const std::string& name, const std::string& answer) {
    if (app.get_option_no_throw(name)) return;
    app.add_option(name, ignored_)
        ->group("")
        ->expected(0, 1)
        ->check(CLI::Validator([text = name + ": " + answer](std::string&) { return text; }, ""));
  }

  static std::string where_to_set(std::string_view setting) {
    std::string where = std::string(setting) + " in a settings file (--settings FILE)";
    settings::for_each_field(Settings{}, [&](const auto& field) {
      if (field.name == setting && field.level == settings::Level::common) where = option_name(setting);
    });
    return where;
  }

  void assign_from_file(Settings& settings) const {
    try {
      settings::assign_all(settings, read_settings_file(file_));
    } catch (const SettingError& error) {
      fail("{}: {} {}: {}", file_, error.name(), error.value(), error.reason());
    }
  }

  std::string file_, recipe_;
  std::vector<std::string> ignored_;
  std::map<std::string, std::string> given_;  ///< field -> text; its nodes must not move, the parser writes to them
};

}  // namespace neurocuda::cli
