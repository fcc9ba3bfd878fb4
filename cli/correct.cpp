#include <fmt/format.h>

#include <memory>

#include "cli/data_source.hpp"
#include "cli/json_report.hpp"
#include "cli/model_file.hpp"
#include "cli/options.hpp"
#include "cli/subcommands.hpp"
#include "cli/table.hpp"
#include "cli/text_report.hpp"
#include "neurocuda/correction/bias_correction.hpp"
#include "neurocuda/nir/nir.hpp"

namespace neurocuda::cli {
namespace {

struct CorrectOptions {
  CommonOptions common;
  correction::BiasCorrectionOptions correction;
  std::string model, data, output;
  std::optional<int> timesteps;
  std::int64_t calibration_images = 0;
};

void print_rounds(const correction::BiasCorrection& result) {
  Table table({"round", "held out", "rate error"});
  for (std::size_t i = 0; i < result.rate_error.size(); ++i) {
    const std::string accuracy =
        i < result.held_out_accuracy.size() ? percent(result.held_out_accuracy[i]) : std::string("-");
    table.add({std::to_string(i), accuracy, fmt::format("{:.3f} %", 100 * result.rate_error[i])});
  }
  fmt::print("{}", table.to_string());
}

Json document_of(const correction::BiasCorrection& result, const CorrectOptions& options) {
  Json document = correction_json(result);
  document["model"] = options.model;
  document["output"] = options.output;
  document["timesteps"] = result.program.timesteps;
  return document;
}

int run_correct(CorrectOptions options) {
  check_outputs({options.output, options.common.json});
  const program::Program program = read_snn(options.model);
  const data::Dataset training =
      calibration_images(load_images(options.data, "train", 0), options.calibration_images, options.common.seed);
  require_fit(options.model, program.nodes.front().shape, training);
  options.correction.timesteps = options.timesteps.value_or(0);
  options.correction.threads = options.common.threads;
  options.correction.seed = options.common.seed;
  const auto result = correction::correct_biases(program, training, options.correction, *terminal_progress());
  nir::write(result.program, options.output);
  fmt::print("{}, T = {}, corrected on {}\n\n", options.model, result.program.timesteps, training.name);
  print_rounds(result);
  fmt::print("round {} was chosen on held-out training images{}\nwrote {}\n", result.chosen_round,
             result.chosen_round == 0 ? " (it did not help)" : "", options.output);
  write_json(options.common.json, document_of(result, options));
  return kDone;
}

}  // namespace

Action set_up_correct(CLI::App& app) {
  auto options = std::make_shared<CorrectOptions>();
  add_model(app, options->model, "SNN", "The spiking network (.nir)");
  add_data(app, options->data);
  add_timesteps(app, options->timesteps);
  app.add_option("-o,--output", options->output, "Where the corrected network goes (.nir)")
      ->type_name("FILE")
      ->required();
  app.add_option("--rounds", options->correction.rounds, "Rounds of correction, the best of which is kept")
      ->check(CLI::Range(0, 1000))
      ->capture_default_str();
  app.add_option("--images", options->correction.images, "Training images on which rates are measured")
      ->check(CLI::Range(1, 100'000'000))
      ->capture_default_str();
  app.add_option("--calibration-images", options->calibration_images,
                 "Take no more than these training images, drawn by the seed; 0: all")
      ->check(CLI::Range(0, 100'000'000))
      ->capture_default_str();
  add_common(app, options->common);
  return [options] { return run_correct(*options); };
}

}  // namespace neurocuda::cli
