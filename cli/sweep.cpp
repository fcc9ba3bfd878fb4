#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "cli/conversion_options.hpp"
#include "cli/data_source.hpp"
#include "cli/json_report.hpp"
#include "cli/model_file.hpp"
#include "cli/options.hpp"
#include "cli/subcommands.hpp"
#include "cli/table.hpp"
#include "cli/text_report.hpp"
#include "neurocuda/runtime/backends.hpp"

namespace neurocuda::cli {
namespace {

struct SweepOptions {
  CommonOptions common;
  ConversionOptions conversion;
  std::string model, data, target = "cpu";
  std::vector<int> timesteps = {1, 2, 4, 8, 16, 32};
  std::int64_t images = 0;
  bool per_timestep = false;
};

struct Sweep {
  std::optional<double> ann_accuracy;  ///< absent when the model is an SNN already
  std::vector<metrics::Evaluation> evaluations;
};

std::vector<metrics::Evaluation> evaluate_program(const program::Program& program, const data::Dataset& test,
                                                  const std::vector<int>& timesteps, const SweepOptions& options) {
  const auto executable = runtime::compile(program, options.target, {gpu_of(options.conversion.device)});
  metrics::EvaluateOptions settings;
  settings.threads = options.common.threads;
  settings.mode = runtime_mode(options.conversion.mode);
  return metrics::evaluate_timesteps(*executable, test, timesteps, settings, *terminal_progress());
}

double ann_accuracy(const ir::Graph& ann, const data::Dataset& test, const SweepOptions& options) {
  conversion::FloatOptions settings;
  settings.compute.device = options.conversion.device;
  settings.compute.threads = options.common.threads;
  return conversion::evaluate_float(ann, test, settings, *terminal_progress()).accuracy;
}

program::Program convert_for(const ir::Graph& ann, const data::Dataset& calibration, int timesteps,
                             const SweepOptions& options) {
  const auto settings = convert_options(options.conversion, options.common, timesteps, calibration);
  return conversion::convert(ann, calibration, nullptr, settings, *terminal_progress()).lowered.program;
}

Sweep sweep_ann(const ir::Graph& ann, const SweepOptions& options) {
  passes::require_convertible(ann);
  data::Splits splits = data::load(options.data);
  require_fit(options.model, ann.input_operator().shape, splits.train);
  splits.train = calibration_images(std::move(splits.train), options.conversion, options.common);
  if (options.images > 0) splits.test = data::head(splits.test, options.images);
  Sweep sweep;
  sweep.ann_accuracy = ann_accuracy(ann, splits.test, options);
  if (!options.per_timestep) {
    const auto program = convert_for(ann, splits.train, options.timesteps.back(), options);
    sweep.evaluations = evaluate_program(program, splits.test, options.timesteps, options);
    return sweep;
  }
  for (const int timesteps : options.timesteps) {
    const auto program = convert_for(ann, splits.train, timesteps, options);
    sweep.evaluations.push_back(evaluate_program(program, splits.test, {timesteps}, options).front());
  }
  return sweep;
}

Sweep sweep_snn(const program::Program& program, const SweepOptions& options) {
  if (options.per_timestep) fail("--per-timestep: {} is converted already; give the ANN (.onnx)", options.model);
  const data::Dataset test = load_images(options.data, "test", options.images);
  require_fit(options.model, program.nodes.front().shape, test);
  return {std::nullopt, evaluate_program(program, test, options.timesteps, options)};
}

Json document_of(const Sweep& sweep, const SweepOptions& options) {
  Json list = Json::array();
  for (const auto& evaluation : sweep.evaluations) list.push_back(evaluation_json(evaluation));
  return {{"ann_accuracy", sweep.ann_accuracy ? Json(*sweep.ann_accuracy) : Json(nullptr)},
          {"evals", std::move(list)},
          {"data", sweep.evaluations.front().data},
          {"model", options.model},
          {"per_timestep", options.per_timestep}};
}

int run_sweep(SweepOptions options) {
  check_outputs({options.common.json});
  std::sort(options.timesteps.begin(), options.timesteps.end());
  options.timesteps.erase(std::unique(options.timesteps.begin(), options.timesteps.end()), options.timesteps.end());
  runtime::backend(options.target);
  const Model model = read_model(options.model);
  const auto* program = std::get_if<program::Program>(&model);
  const Sweep sweep = program ? sweep_snn(*program, options) : sweep_ann(std::get<ir::Graph>(model), options);
  fmt::print("{} on {}\n", sweep.evaluations.front().data, options.target);
  if (sweep.ann_accuracy) fmt::print("ANN accuracy {}\n", percent(*sweep.ann_accuracy));
  print_evaluations(sweep.evaluations);
  write_json(options.common.json, document_of(sweep, options));
  return kDone;
}

}  // namespace

Action set_up_sweep(CLI::App& app) {
  auto options = std::make_shared<SweepOptions>();
  add_model(app, options->model, "MODEL", "An ANN (.onnx), converted first, or an SNN (.nir)");
  add_data(app, options->data);
  add_images(app, options->images);
  app.add_option("-T,--timesteps", options->timesteps, "Timesteps, with commas")
      ->delimiter(',')
      ->check(timesteps_range())
      ->capture_default_str();
  app.add_option("--target", options->target, "Where to run: reference, cpu, gpu, loihi2_sim")->capture_default_str();
  app.add_flag("--per-timestep", options->per_timestep, "Convert anew for every T instead of once for the largest");
  add_conversion(app, options->conversion);
  add_common(app, options->common);
  return [options] { return run_sweep(*options); };
}

}  // namespace neurocuda::cli
