#include "neurocuda/conversion/convert.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <optional>

#include "cli/data_source.hpp"
#include "cli/json_report.hpp"
#include "cli/model_file.hpp"
#include "cli/options.hpp"
#include "cli/settings_options.hpp"
#include "cli/subcommands.hpp"
#include "cli/text_report.hpp"
#include "neurocuda/nir/nir.hpp"
#include "neurocuda/onnx/onnx.hpp"

namespace neurocuda::cli {
namespace {

struct ConvertCommandOptions {
  SettingsOptions<conversion::Settings> settings_options;
  conversion::Settings settings;
  std::string model, output, calibrated, save_calibrated, json;
  DataOptions data;
  std::int64_t evaluation_images = 0;
  bool no_evaluation = false, resume = false;
  std::string checkpoint() const { return output + ".resume.pt"; }
  std::string tuning_checkpoint() const { return output + ".tune.resume.pt"; }
};

conversion::Conversion convert(const ir::Graph& ann, const data::Splits& splits, std::optional<ir::Graph> calibrated,
                               const ConvertCommandOptions& options) {
  const conversion::ConvertOptions given{options.settings,
                                         std::move(calibrated),
                                         {options.checkpoint(), options.resume},
                                         {options.tuning_checkpoint(), options.resume}};
  return conversion::convert(ann, splits.train, options.no_evaluation ? nullptr : &splits.test, given,
                             *terminal_progress());
}

/// Its name in messages is that of the file.
ir::Graph read_calibrated(const std::string& path) {
  ir::Graph graph = read_ann(path);
  graph.name = path;
  return graph;
}

void print_conversion(const conversion::Conversion& conversion, const data::Splits& splits,
                      const ConvertCommandOptions& options) {
  fmt::print("{}, T = {}, L = {}, {} {} images of {}\n\n", options.model, options.settings.timesteps, conversion.levels,
             options.calibrated.empty() ? "calibrated on" : options.calibrated + " with", conversion.images,
             splits.train.name);
  print_stages(conversion);
  if (!options.no_evaluation) {
    const bool agreement = conversion.evaluation_labels == conversion::Labels::ann;
    fmt::print("{} on {} ({} images)\n", agreement ? "no labels: accuracy is agreement with the ANN" : "accuracy",
               splits.test.name, splits.test.size());
  }
  if (conversion.calibration_labels == conversion::Labels::ann)
    fmt::print("no labels: epochs and rounds were chosen by agreement with the ANN\n");
  if (!conversion.epochs.empty()) {
    fmt::print("epoch {} of {} was chosen on held-out training images\n", conversion.chosen_epoch,
               conversion.epochs.size());
  }
  if (conversion.tuning) {
    fmt::print("fine-tuning: epoch {} of {} was chosen{}\n", conversion.tuning->chosen_epoch,
               conversion.tuning->epochs.size(), conversion.tuning->chosen_epoch == 0 ? " (it did not help)" : "");
  }
  if (conversion.correction) {
    fmt::print("bias correction: round {} of {} was chosen{}\n", conversion.correction->chosen_round,
               conversion.correction->rate_error.size() - 1,
               conversion.correction->chosen_round == 0 ? " (it did not help)" : "");
  }
  fmt::print("\n");
  if (conversion.evaluation) print_evaluation(*conversion.evaluation);
  print_attribution(conversion.attribution);
  print_bounds_summary(conversion.lowered.bounds);
  print_rounding_summary(conversion.lowered.rounding);
  fmt::print("wrote {}\n", options.output);
  if (!options.save_calibrated.empty()) fmt::print("wrote {}\n", options.save_calibrated);
}

Json document_of(const conversion::Conversion& conversion, const data::Splits& splits,
                 const ConvertCommandOptions& options) {
  Json document = report::to_json(conversion);
  document["model"] = options.model;
  document["output"] = options.output;
  document["calibrated"] = options.calibrated.empty() ? Json(nullptr) : Json(options.calibrated);
  document["data"] = options.no_evaluation ? splits.train.name : splits.test.name;
  document["calibration_images"] = conversion.images;
  document["class_names"] = splits.train.class_names;
  return document;
}

int run_convert(ConvertCommandOptions options) {
  options.settings = options.settings_options.settings();
  check_outputs(
      {options.output, options.checkpoint(), options.tuning_checkpoint(), options.save_calibrated, options.json});
  const ir::Graph ann = read_ann(options.model);
  passes::require_convertible(ann);
  std::optional<ir::Graph> calibrated;
  if (!options.calibrated.empty()) calibrated = read_calibrated(options.calibrated);
  Notices notices;
  const data::Splits splits =
      load_splits(options.data, options.evaluation_images, consumer(options.model, ann), notices);
  const auto conversion = convert(ann, splits, std::move(calibrated), options);
  nir::write(conversion.lowered.program, options.output);
  if (!options.save_calibrated.empty()) onnx::write(conversion.live, options.save_calibrated);
  std::error_code ignored;
  // Of use only to a run that was interrupted.
  for (const auto& file : {options.checkpoint(), options.tuning_checkpoint()}) std::filesystem::remove(file, ignored);
  print_conversion(conversion, splits, options);
  Json document = document_of(conversion, splits, options);
  document["notices"] = notices.list();
  write_json(options.json, document);
  return kDone;
}

}  // namespace

Action set_up_convert(CLI::App& app) {
  auto options = std::make_shared<ConvertCommandOptions>();
  add_model(app, options->model, "ANN", "The trained network (.onnx)");
  add_data(app, options->data);
  app.add_option("-o,--output", options->output, "Where the spiking network goes (.nir)")
      ->type_name("FILE")
      ->required();
  app.add_option("--eval-images", options->evaluation_images, "Measure on the first N test images; 0: all")
      ->check(CLI::Range(0, 100'000'000).description(""))
      ->type_name("N")
      ->capture_default_str();
  app.add_flag("--no-eval", options->no_evaluation, "Measure no accuracies");
  app.add_flag("--resume", options->resume,
               "Continue an interrupted conversion from OUTPUT.resume.pt, OUTPUT.tune.resume.pt");
  app.add_option("--save-calibrated", options->save_calibrated,
                 "Also write the calibrated QCFS network (.onnx), for --calibrated")
      ->type_name("FILE");
  app.add_option("--calibrated", options->calibrated,
                 "Take this QCFS network of the same ANN instead of calibrating: one calibration for several T")
      ->type_name("FILE");
  add_json(app, options->json);
  options->settings_options.add_to(app);
  return [options] { return run_convert(*options); };
}

}  // namespace neurocuda::cli
