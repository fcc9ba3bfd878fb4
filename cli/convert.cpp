#include "neurocuda/conversion/convert.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <optional>

#include "cli/data_source.hpp"
#include "cli/json_report.hpp"
#include "cli/model_file.hpp"
#include "cli/network_report.hpp"
#include "cli/options.hpp"
#include "cli/out.hpp"
#include "cli/settings_options.hpp"
#include "cli/subcommands.hpp"
#include "cli/table.hpp"
#include "cli/text_report.hpp"
#include "neurocuda/network/evaluate.hpp"
#include "neurocuda/nir/nir.hpp"
#include "neurocuda/onnx/onnx.hpp"
#include "neurocuda/runtime/backends.hpp"

namespace neurocuda::cli {
namespace {

struct ConvertCommandOptions {
  SettingsOptions<conversion::Settings> settings_options;
  conversion::Settings settings;
  std::string model, output, calibrated, save_calibrated, json, page;
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
  Notices ignored;  // it was written here: there is nothing to note
  ir::Graph graph = read_ann(path, ignored);
  graph.name = path;
  return graph;
}

void print_conversion(const conversion::Conversion& conversion, const data::Splits& splits,
                      const ConvertCommandOptions& options) {
  out::print("{}, T = {}, {} mode, fitted to {} of {} images of {}\n\n", options.model, options.settings.timesteps,
             program::name_of(options.settings.mode), conversion.fit_images, conversion.images, splits.train.name);
  print_stages(conversion);
  if (!options.no_evaluation) {
    const bool agreement = conversion.evaluation_labels == conversion::Labels::ann;
    out::print("{} on {} ({} images)\n", agreement ? "no labels: accuracy is agreement with the ANN" : "accuracy",
               splits.test.name, splits.test.size());
  }
  if (conversion.calibration_labels == conversion::Labels::ann)
    out::print("no labels: epochs and rounds were chosen by agreement with the ANN\n");
  if (!conversion.epochs.empty()) {
    out::print("epoch {} of {} was chosen on held-out training images\n", conversion.chosen_epoch,
               conversion.epochs.size());
  }
  if (conversion.tuning) {
    out::print("fine-tuning: epoch {} of {} was chosen{}\n", conversion.tuning->chosen_epoch,
               conversion.tuning->epochs.size(), conversion.tuning->chosen_epoch == 0 ? " (it did not help)" : "");
  }
  if (conversion.held_out_by_stage.size() > 1)
    out::print("kept: {}, the best on training images kept back\n", stage_title(conversion.chosen_stage));
  out::print("\n");
  if (conversion.evaluation) print_evaluation(*conversion.evaluation);
  print_attribution(conversion.attribution);
  print_bounds_summary(conversion.lowered.bounds);
  print_rounding_summary(conversion.lowered.rounding);
  out::print("converted in {:.1f} s, {} MB at most\nwrote {}\n", conversion.seconds, conversion.peak_bytes >> 20,
             options.output);
  if (!options.save_calibrated.empty()) out::print("wrote {}\n", options.save_calibrated);
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

/// The ANN and the network that was made of it on the same images, at every T up to its own.
page::NetworkFacts facts_of(const conversion::Conversion& conversion, const ir::Graph& ann, const data::Splits& splits,
                            const Notices& notices, const ConvertCommandOptions& options) {
  const auto& program = conversion.lowered.program;
  const int timesteps = options.settings.timesteps;
  page::NetworkFacts facts;
  facts.title = fmt::format("{} as a spiking network, T = {}", std::filesystem::path(options.model).filename().string(),
                            timesteps);
  facts.intro = fmt::format("{} was converted to {} with int8 weights ({}), with {} images of {}.", options.model,
                            describe_neurons(program), options.output, conversion.images, splits.train.name);
  facts.data = splits.test.name;
  facts.images = splits.test.size();
  facts.conversion = &conversion;
  facts.notices = notices.list();
  if (conversion.evaluation_labels == conversion::Labels::ann)
    facts.notices.emplace_back("There are no labels: accuracy is agreement with the ANN.");
  const auto executable = runtime::compile(program, "cpu");
  metrics::EvaluateOptions evaluate;
  evaluate.threads = options.settings.threads;
  evaluate.mode = options.settings.mode;
  facts.evaluations = metrics::evaluate_timesteps(*executable, splits.test, report_timesteps(timesteps), evaluate,
                                                  *terminal_progress());
  network::FloatOptions compute;
  compute.compute = {options.settings.device, options.settings.threads, false};
  const auto answers = network::evaluate_float(ann, splits.test, compute, *terminal_progress());
  add_ann(facts, answers);
  add_modes(facts, *executable, splits.test, evaluate, answers.predictions);
  add_samples(facts, splits.test, answers.predictions, facts.evaluations.back().predictions);
  add_record(facts, *executable, splits.test, options.settings.mode);
  facts.program = &program;
  facts.commands = {
      fmt::format("neurocuda eval {} --data {}", options.output, options.data.source),
      fmt::format("neurocuda verify {} --data {} --targets reference,cpu", options.output, options.data.source)};
  return facts;
}

int run_convert(ConvertCommandOptions options) {
  options.settings = options.settings_options.settings();
  if (options.no_evaluation && !options.page.empty())
    fail("--report {}: the page is about accuracies; leave --no-eval out", options.page);
  if (!options.save_calibrated.empty() && options.calibrated.empty() && options.settings.epochs == 0)
    fail("--save-calibrated {}: nothing is calibrated without training; add --recipe train or --epochs N",
         options.save_calibrated);
  check_outputs({options.output, options.checkpoint(), options.tuning_checkpoint(), options.save_calibrated,
                 options.json, options.page},
                {options.model, options.data.source, options.calibrated, options.settings_options.file()});
  if (std::filesystem::path(options.output).extension() == ".onnx")
    fail("-o {}: a spiking network is a NIR file; give a name that ends in .nir", options.output);
  Notices notices;
  const ir::Graph ann = read_ann(options.model, notices);
  require_convertible(ann, options.model, notices);
  if (options.settings.neuron == program::NeuronKind::signed_ && options.settings.mode == program::Mode::exact)
    notices.add("--neuron signed: in the exact mode no spike is ever taken back, all neurons are plain");
  std::optional<ir::Graph> calibrated;
  if (!options.calibrated.empty()) calibrated = read_calibrated(options.calibrated);
  const data::Splits splits =
      load_splits(options.data, options.evaluation_images, consumer(options.model, ann), notices);
  // As long as the spike trains, unless said otherwise.
  if (splits.train.timesteps() > 0 && !options.settings_options.gives("timesteps"))
    options.settings.timesteps =
        static_cast<int>(std::min<std::int64_t>(splits.train.timesteps(), program::kMaxTimesteps));
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
  if (!options.page.empty()) write_report(options.page, facts_of(conversion, ann, splits, notices, options));
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
  add_report(app, options->page);
  options->settings_options.add_to(app);
  return [options] { return run_convert(*options); };
}

}  // namespace neurocuda::cli
