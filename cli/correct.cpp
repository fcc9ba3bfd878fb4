#include <fmt/format.h>

#include <memory>

#include "cli/data_source.hpp"
#include "cli/json_report.hpp"
#include "cli/model_file.hpp"
#include "cli/options.hpp"
#include "cli/out.hpp"
#include "cli/settings_options.hpp"
#include "cli/subcommands.hpp"
#include "cli/table.hpp"
#include "cli/text_report.hpp"
#include "neurocuda/correction/bias_correction.hpp"
#include "neurocuda/nir/nir.hpp"

namespace neurocuda::cli {
namespace {

struct CorrectOptions {
  SettingsOptions<correction::Settings> settings_options;
  std::string model, output, json;
  DataOptions data;
};

void print_rounds(const correction::BiasCorrection& result) {
  Table table({"round", "held out", "rate error"});
  for (std::size_t i = 0; i < result.rate_error.size(); ++i) {
    const std::string accuracy =
        i < result.held_out_accuracy.size() ? percent(result.held_out_accuracy[i]) : std::string("-");
    table.add({std::to_string(i), accuracy, fmt::format("{:.3f} %", 100 * result.rate_error[i])});
  }
  out::print("{}", table.to_string());
}

Json document_of(const correction::BiasCorrection& result, const CorrectOptions& options) {
  Json document = report::to_json(result);
  document["model"] = options.model;
  document["output"] = options.output;
  document["timesteps"] = result.program.timesteps;
  document["settings"] = settings::to_json(options.settings_options.settings());
  return document;
}

int run_correct(const CorrectOptions& options) {
  const correction::Settings settings = options.settings_options.settings();
  check_outputs({options.output, options.json}, {options.model, options.data.source, options.settings_options.file()});
  const program::Program program = read_snn(options.model);
  Notices notices;
  const data::Dataset training = load_images(options.data, "train", 0, consumer(options.model, program), notices);
  const auto result = correction::correct_biases(program, training, settings, *terminal_progress());
  nir::write(result.program, options.output);
  out::print("{}, T = {}, corrected on {}\n\n", options.model, result.program.timesteps, training.name);
  print_rounds(result);
  out::print("round {} was chosen {}{}\nwrote {}\n", result.chosen_round,
             training.labelled() ? "on held-out training images" : "by the rate error, as there are no labels",
             result.chosen_round == 0 ? " (it did not help)" : "", options.output);
  Json document = document_of(result, options);
  document["notices"] = notices.list();
  write_json(options.json, document);
  return kDone;
}

}  // namespace

Action set_up_correct(CLI::App& app) {
  auto options = std::make_shared<CorrectOptions>();
  add_model(app, options->model, "SNN", "The spiking network (.nir)");
  add_data(app, options->data);
  app.add_option("-o,--output", options->output, "Where the corrected network goes (.nir)")
      ->type_name("FILE")
      ->required();
  add_json(app, options->json);
  options->settings_options.add_to(app);
  return [options] { return run_correct(*options); };
}

}  // namespace neurocuda::cli
