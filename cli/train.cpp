#include "neurocuda/training/train.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <memory>

#include "cli/data_source.hpp"
#include "cli/json_report.hpp"
#include "cli/options.hpp"
#include "cli/out.hpp"
#include "cli/settings_options.hpp"
#include "cli/subcommands.hpp"
#include "cli/table.hpp"
#include "cli/text_report.hpp"
#include "neurocuda/ir/analysis.hpp"
#include "neurocuda/onnx/onnx.hpp"
#include "neurocuda/training/architectures.hpp"

namespace neurocuda::cli {
namespace {

struct TrainCommandOptions {
  SettingsOptions<training::Settings> settings_options;
  training::Settings settings;
  std::string architecture, output, json;
  DataOptions data;
  bool resume = false;
  std::string checkpoint() const { return output + ".resume.pt"; }
};

ir::Graph fresh_network(const data::Dataset& training, const TrainCommandOptions& options) {
  training::ArchitectureOptions settings;
  settings.image_shape = training.image_shape();
  settings.classes = training.classes;
  settings.seed = options.settings.seed;
  settings.normalization = {training.mean, training.stddev};
  return training::build_architecture(options.architecture, settings);
}

network::FloatEvaluation evaluate(const ir::Graph& ann, const data::Dataset& test, const TrainCommandOptions& options) {
  network::FloatOptions settings;
  settings.compute = {options.settings.device, options.settings.threads, false};
  return network::evaluate_float(ann, test, settings, *terminal_progress());
}

std::int64_t training_images(const data::Dataset& train, const training::Settings& settings) {
  return settings.training_images > 0 ? std::min(settings.training_images, train.size()) : train.size();
}

/// An unknown architecture is told before the data is read.
void require_known_architecture(const std::string& name) {
  for (const std::string& known : training::architecture_names()) {
    if (known == name) return;
  }
  fail("--arch {}: no such architecture; known are {}", name, fmt::join(training::architecture_names(), ", "));
}

int run_train(TrainCommandOptions options) {
  options.settings = options.settings_options.settings();
  if (std::filesystem::path(options.output).extension() == ".nir")
    fail("-o {}: an ANN is an ONNX file; give a name that ends in .onnx", options.output);
  check_outputs({options.output, options.checkpoint(), options.json},
                {options.data.source, options.settings_options.file()});
  require_known_architecture(options.architecture);
  Notices notices;
  const data::Splits splits = load_training(options.data, notices);
  const ir::Graph fresh = fresh_network(splits.train, options);
  const std::int64_t images = training_images(splits.train, options.settings);
  out::print("{}: {} parameters, {} MACs per image; {} images of {}\n", options.architecture,
             grouped(ir::parameter_count(fresh)), grouped(ir::dense_macs(fresh)), grouped(images), splits.train.name);
  out::flush();
  const auto result = training::train(fresh, splits.train, options.settings, {options.checkpoint(), options.resume},
                                      *terminal_progress());
  onnx::write(result.graph, options.output);  // before anything else can go wrong
  std::error_code ignored;
  std::filesystem::remove(options.checkpoint(), ignored);  // of use only to a run that was interrupted
  print_epochs(result.epochs);
  const auto evaluation = evaluate(result.graph, splits.test, options);
  out::print("{}: accuracy {} ({} of {})\nwrote {}\n", splits.test.name, percent(evaluation.accuracy),
             evaluation.correct, evaluation.images, options.output);
  Json document = ann_evaluation_json(evaluation, result.graph, splits.test.name, options.settings.device);
  document["architecture"] = options.architecture;
  document["parameters"] = ir::parameter_count(result.graph);
  document["training_images"] = images;
  document["epochs"] = options.settings.epochs;
  document["epoch_statistics"] = report::to_json(result.epochs);
  document["output"] = options.output;
  document["classes"] = splits.train.classes;
  document["class_names"] = splits.train.class_names;
  document["notices"] = notices.list();
  document["settings"] = settings::to_json(options.settings);
  write_json(options.json, document);
  return kDone;
}

}  // namespace

Action set_up_train(CLI::App& app) {
  auto options = std::make_shared<TrainCommandOptions>();
  app.add_option("--arch", options->architecture,
                 fmt::format("The network: {}", fmt::join(training::architecture_names(), ", ")))
      ->type_name("NAME")
      ->required();
  add_data(app, options->data);
  app.add_option("-o,--output", options->output, "Where the ANN goes (.onnx)")->type_name("FILE")->required();
  app.add_flag("--resume", options->resume, "Continue from OUTPUT.resume.pt when it exists");
  add_json(app, options->json);
  options->settings_options.add_to(app);
  return [options] { return run_train(*options); };
}

}  // namespace neurocuda::cli
