#include "neurocuda/conversion/convert.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <optional>

#include "cli/conversion_options.hpp"
#include "cli/data_source.hpp"
#include "cli/json_report.hpp"
#include "cli/model_file.hpp"
#include "cli/options.hpp"
#include "cli/subcommands.hpp"
#include "cli/text_report.hpp"
#include "neurocuda/nir/nir.hpp"
#include "neurocuda/onnx/onnx.hpp"

namespace neurocuda::cli {
namespace {

struct ConvertCommandOptions {
  CommonOptions common;
  ConversionOptions conversion;
  std::string model, data, output, calibrated, save_calibrated;
  int timesteps = 32;
  std::int64_t evaluation_images = 0;
  bool no_evaluation = false, resume = false;
  std::string checkpoint() const { return output + ".resume.pt"; }
  std::string tuning_checkpoint() const { return output + ".tune.resume.pt"; }
};

conversion::Conversion convert(const ir::Graph& ann, const data::Splits& splits, std::optional<ir::Graph> calibrated,
                               const ConvertCommandOptions& options) {
  auto settings = convert_options(options.conversion, options.common, options.timesteps, splits.train);
  settings.calibrated = std::move(calibrated);
  settings.calibrate.checkpoint = options.checkpoint();
  settings.calibrate.resume = options.resume;
  settings.finetune.checkpoint = options.tuning_checkpoint();
  settings.finetune.resume = options.resume;
  return conversion::convert(ann, splits.train, options.no_evaluation ? nullptr : &splits.test, settings,
                             *terminal_progress());
}

/// Its name in messages is that of the file.
ir::Graph read_calibrated(const std::string& path) {
  ir::Graph graph = read_ann(path);
  graph.name = path;
  return graph;
}

data::Splits load_splits(const ConvertCommandOptions& options) {
  data::Splits splits = data::load(options.data);
  splits.train =
      calibration_images(std::move(splits.train), options.conversion.calibration_images, options.common.seed);
  if (options.evaluation_images > 0) splits.test = data::head(splits.test, options.evaluation_images);
  return splits;
}

void print_conversion(const conversion::Conversion& conversion, const data::Splits& splits,
                      const ConvertCommandOptions& options) {
  fmt::print("{}, T = {}, L = {}, {} {} images of {}\n\n", options.model, options.timesteps, conversion.levels,
             options.calibrated.empty() ? "calibrated on" : options.calibrated + " with", splits.train.size(),
             splits.train.name);
  print_stages(conversion);
  if (!options.no_evaluation) fmt::print("accuracy on {} ({} images)\n", splits.test.name, splits.test.size());
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
  Json document = conversion_json(conversion, options.conversion.mode);
  document["model"] = options.model;
  document["output"] = options.output;
  document["calibrated"] = options.calibrated.empty() ? Json(nullptr) : Json(options.calibrated);
  document["data"] = options.no_evaluation ? splits.train.name : splits.test.name;
  document["calibration_images"] = splits.train.size();
  return document;
}

int run_convert(const ConvertCommandOptions& options) {
  check_outputs({options.output, options.checkpoint(), options.tuning_checkpoint(), options.save_calibrated,
                 options.common.json});
  const ir::Graph ann = read_ann(options.model);
  passes::require_convertible(ann);
  std::optional<ir::Graph> calibrated;
  if (!options.calibrated.empty()) calibrated = read_calibrated(options.calibrated);
  const data::Splits splits = load_splits(options);
  require_fit(options.model, ann.input_operator().shape, splits.train);
  const auto conversion = convert(ann, splits, std::move(calibrated), options);
  nir::write(conversion.lowered.program, options.output);
  if (!options.save_calibrated.empty()) onnx::write(conversion.live, options.save_calibrated);
  std::error_code ignored;
  // Of use only to a run that was interrupted.
  for (const auto& file : {options.checkpoint(), options.tuning_checkpoint()}) std::filesystem::remove(file, ignored);
  print_conversion(conversion, splits, options);
  write_json(options.common.json, document_of(conversion, splits, options));
  return kDone;
}

}  // namespace

Action set_up_convert(CLI::App& app) {
  auto options = std::make_shared<ConvertCommandOptions>();
  add_model(app, options->model, "ANN", "The trained network (.onnx)");
  add_data(app, options->data);
  add_timesteps(app, options->timesteps);
  app.add_option("-o,--output", options->output, "Where the spiking network goes (.nir)")
      ->type_name("FILE")
      ->required();
  app.add_option("--eval-images", options->evaluation_images, "Measure on the first N test images; 0: all")
      ->check(CLI::Range(0, 100'000'000))
      ->capture_default_str();
  app.add_flag("--no-eval", options->no_evaluation, "Measure no accuracies");
  app.add_flag("--resume", options->resume,
               "Continue an interrupted conversion from OUTPUT.resume.pt, OUTPUT.tune.resume.pt");
  add_conversion(app, options->conversion);
  app.add_option("--save-calibrated", options->save_calibrated,
                 "Also write the calibrated QCFS network (.onnx), for --calibrated")
      ->type_name("FILE");
  app.add_option("--calibrated", options->calibrated,
                 "Take this QCFS network of the same ANN instead of calibrating: one calibration for several T")
      ->type_name("FILE")
      ->excludes("--epochs");
  add_common(app, options->common);
  return [options] { return run_convert(*options); };
}

}  // namespace neurocuda::cli
