#include "neurocuda/conversion/settings.hpp"

#include <fmt/format.h>

#include <memory>

#include "cli/json_report.hpp"
#include "cli/options.hpp"
#include "cli/out.hpp"
#include "cli/settings_options.hpp"
#include "cli/subcommands.hpp"
#include "cli/table.hpp"
#include "neurocuda/training/settings.hpp"

namespace neurocuda::cli {
namespace {

struct SettingsCommandOptions {
  std::string subcommand = "convert", json;
};

settings::Json describe(const std::string& subcommand) {
  if (subcommand == "train") return settings::describe<training::Settings>();
  return settings::describe<conversion::Settings>();
}

std::string text_of(const settings::Json& value) {
  if (value.is_null()) return "auto";
  return value.is_string() ? value.get<std::string>() : value.dump();
}

void print_settings(const settings::Json& table) {
  Table settings({"setting", "default", "option", "range", "what it is"});
  for (const std::size_t column : {1, 2, 3, 4}) settings.align_left(column);
  for (const auto& field : table["fields"]) {
    const std::string name = field["name"];
    settings.add({name, text_of(field["default"]), field["level"] == "common" ? option_name(name) : "", field["wanted"],
                  field["doc"]});
  }
  out::print("{}", settings.to_string());
}

void print_recipes(const settings::Json& table) {
  if (table["recipes"].empty()) return;
  Table recipes({"recipe", "sets", "for"});
  recipes.align_left(1).align_left(2);
  for (const auto& recipe : table["recipes"]) recipes.add({recipe["name"], recipe["settings"].dump(), recipe["doc"]});
  out::print("\n{}", recipes.to_string());
}

int run_settings(const SettingsCommandOptions& options) {
  check_outputs({options.json}, {});
  const settings::Json table = describe(options.subcommand);
  print_settings(table);
  print_recipes(table);
  write_json(options.json, Json(table));
  return kDone;
}

}  // namespace

Action set_up_settings(CLI::App& app) {
  auto options = std::make_shared<SettingsCommandOptions>();
  app.add_option("SUBCOMMAND", options->subcommand, "Whose settings: convert or train")
      ->check(CLI::IsMember({"convert", "train"}))
      ->capture_default_str();
  add_json(app, options->json);
  return [options] { return run_settings(*options); };
}

}  // namespace neurocuda::cli
