#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <limits>
#include <memory>

#include "cli/data_source.hpp"
#include "cli/early_exit.hpp"
#include "cli/json_report.hpp"
#include "cli/model_file.hpp"
#include "cli/network_report.hpp"
#include "cli/options.hpp"
#include "cli/out.hpp"
#include "cli/settings_options.hpp"
#include "cli/subcommands.hpp"
#include "cli/table.hpp"
#include "cli/text_report.hpp"
#include "neurocuda/conversion/convert.hpp"
#include "neurocuda/network/evaluate.hpp"
#include "neurocuda/runtime/backends.hpp"

namespace neurocuda::cli {
namespace {

struct SweepOptions {
  SettingsOptions<conversion::Settings> settings_options;
  conversion::Settings settings;
  std::string model, json, page, target = "cpu";
  DataOptions data;
  std::vector<int> timesteps;  ///< empty: chosen_timesteps()
  std::vector<std::uint64_t> seeds;
  std::int64_t images = 0;
  bool per_timestep = false, early_exit = false;
};

/// One conversion (or one for every T) and what it reaches.
struct SeedRun {
  std::uint64_t seed = 0;
  std::vector<metrics::Evaluation> evaluations;  ///< one per T
  program::Program largest{};                    ///< the network of the largest T
};

struct Sweep {
  std::optional<network::FloatEvaluation> ann;  ///< absent when the model is an SNN already
  std::vector<SeedRun> runs;                    ///< one per seed
  data::Dataset test;                           ///< the images; without labels those that the ANN gives them
  bool agreement = false;                       ///< with the ANN: there are no labels
  std::optional<EarlyExitTable> early_exit;     ///< of the network of the largest T, where asked for
  const std::vector<metrics::Evaluation>& evaluations() const { return runs.front().evaluations; }
};

struct MeanAndDeviation {
  double mean = 0, deviation = 0;  ///< of the sample: divided by n - 1
};

MeanAndDeviation over_seeds(const Sweep& sweep, std::size_t index, double metrics::Evaluation::*value) {
  const auto n = static_cast<double>(sweep.runs.size());
  MeanAndDeviation result;
  for (const SeedRun& run : sweep.runs) result.mean += run.evaluations[index].*value / n;
  for (const SeedRun& run : sweep.runs) result.deviation += std::pow(run.evaluations[index].*value - result.mean, 2);
  result.deviation = n > 1 ? std::sqrt(result.deviation / (n - 1)) : 0.0;
  return result;
}

std::vector<metrics::Evaluation> evaluate_program(const program::Program& program, const data::Dataset& test,
                                                  const std::vector<int>& timesteps, const SweepOptions& options) {
  const auto executable = runtime::compile(program, options.target, {gpu_of(options.settings.device)});
  metrics::EvaluateOptions settings;
  settings.threads = options.settings.threads;
  settings.mode = options.settings_options.gives("mode") ? options.settings.mode : program.mode;
  return metrics::evaluate_timesteps(*executable, test, timesteps, settings, *terminal_progress());
}

EarlyExitTable early_exit_of(const program::Program& program, const data::Dataset& calibration,
                             const data::Dataset& test, const SweepOptions& options) {
  const auto executable = runtime::compile(program, options.target, {gpu_of(options.settings.device)});
  metrics::EvaluateOptions settings;
  settings.timesteps = options.timesteps.back();
  settings.threads = options.settings.threads;
  settings.mode = options.settings_options.gives("mode") ? options.settings.mode : program.mode;
  return early_exit_table(*executable, calibration, test, settings);
}

network::ComputeOptions compute_of(const SweepOptions& options) {
  return {options.settings.device, options.settings.threads, false};
}

network::FloatEvaluation evaluate_ann(const ir::Graph& ann, const data::Dataset& test, const SweepOptions& options) {
  network::FloatOptions settings;
  settings.compute = compute_of(options);
  return network::evaluate_float(ann, test, settings, *terminal_progress());
}

program::Program convert_for(const ir::Graph& ann, const data::Dataset& training, int timesteps,
                             const SweepOptions& options) {
  conversion::ConvertOptions given;
  given.settings = options.settings;
  given.settings.timesteps = timesteps;
  given.settings.attribution_images = 0;
  return conversion::convert(ann, training, nullptr, given, *terminal_progress()).lowered.program;
}

SeedRun run_seed(const ir::Graph& ann, const data::Splits& splits, std::uint64_t seed, SweepOptions options) {
  options.settings.seed = seed;
  SeedRun run{seed, {}};
  if (!options.per_timestep) {
    run.largest = convert_for(ann, splits.train, options.timesteps.back(), options);
    run.evaluations = evaluate_program(run.largest, splits.test, options.timesteps, options);
    return run;
  }
  for (const int timesteps : options.timesteps) {
    run.largest = convert_for(ann, splits.train, timesteps, options);
    run.evaluations.push_back(evaluate_program(run.largest, splits.test, {timesteps}, options).front());
  }
  return run;
}

/// Up to 32, or to the timesteps of spike trains.
std::vector<int> chosen_timesteps(const data::Dataset& test) {
  std::vector<int> chosen = {1, 2, 4, 8, 16, 32};
  const auto most = static_cast<int>(test.timesteps());
  if (most == 0) return chosen;
  std::erase_if(chosen, [&](int timesteps) { return timesteps >= most; });
  chosen.push_back(most);
  return chosen;
}

Sweep sweep_ann(const ir::Graph& ann, SweepOptions options, Notices& notices) {
  require_convertible(ann, options.model, notices);
  data::Splits splits = load_splits(options.data, options.images, consumer(options.model, ann), notices);
  if (options.timesteps.empty()) options.timesteps = chosen_timesteps(splits.test);
  Sweep sweep;
  sweep.agreement = !splits.test.labelled();
  if (sweep.agreement) splits.test = network::labelled_by(ann, splits.test, compute_of(options), *terminal_progress());
  sweep.ann = evaluate_ann(ann, splits.test, options);
  for (const std::uint64_t seed : options.seeds) sweep.runs.push_back(run_seed(ann, splits, seed, options));
  if (options.early_exit)
    sweep.early_exit = early_exit_of(sweep.runs.front().largest, splits.train, splits.test, options);
  sweep.test = std::move(splits.test);
  return sweep;
}

Sweep sweep_snn(const program::Program& program, SweepOptions options, Notices& notices) {
  if (options.per_timestep) fail("--per-timestep: {} is converted already; give the ANN (.onnx)", options.model);
  if (options.seeds.size() > 1) fail("--seeds: {} is converted already; give the ANN (.onnx)", options.model);
  Sweep sweep;
  sweep.test = load_images(options.data, "test", options.images, consumer(options.model, program), notices);
  if (options.timesteps.empty()) options.timesteps = chosen_timesteps(sweep.test);
  sweep.runs.push_back(
      {options.seeds.front(), evaluate_program(program, sweep.test, options.timesteps, options), program});
  if (options.early_exit) {
    const auto calibration = load_images(options.data, "train", 0, consumer(options.model, program), notices);
    sweep.early_exit = early_exit_of(program, calibration, sweep.test, options);
  }
  return sweep;
}

void print_seeds(const Sweep& sweep) {
  Table table({"T", "accuracy", "sparsity", "synops/image"});
  for (std::size_t i = 0; i < sweep.evaluations().size(); ++i) {
    const auto accuracy = over_seeds(sweep, i, &metrics::Evaluation::accuracy);
    table.add({std::to_string(sweep.evaluations()[i].timesteps),
               fmt::format("{} +- {:.2f}", percent(accuracy.mean), 100 * accuracy.deviation),
               percent(over_seeds(sweep, i, &metrics::Evaluation::sparsity).mean),
               with_unit_prefix(over_seeds(sweep, i, &metrics::Evaluation::synops_per_image).mean)});
  }
  out::print("mean over {} seeds, standard deviation in points\n{}", sweep.runs.size(), table.to_string());
}

Json statistics_json(const Sweep& sweep) {
  Json list = Json::array();
  for (std::size_t i = 0; i < sweep.evaluations().size(); ++i) {
    const auto accuracy = over_seeds(sweep, i, &metrics::Evaluation::accuracy);
    list.push_back({{"timesteps", sweep.evaluations()[i].timesteps},
                    {"accuracy_mean", accuracy.mean},
                    {"accuracy_std", accuracy.deviation},
                    {"sparsity_mean", over_seeds(sweep, i, &metrics::Evaluation::sparsity).mean},
                    {"synops_per_image_mean", over_seeds(sweep, i, &metrics::Evaluation::synops_per_image).mean}});
  }
  return list;
}

Json document_of(const Sweep& sweep, const SweepOptions& options) {
  Json list = Json::array();
  for (const SeedRun& run : sweep.runs) {
    for (const auto& evaluation : run.evaluations) {
      list.push_back(report::to_json(evaluation));
      if (!sweep.ann) continue;
      list.back()["seed"] = run.seed;
      list.back()["agreement"] = metrics::agreement(sweep.ann->predictions, evaluation.predictions);
    }
  }
  return {{"ann_accuracy", sweep.ann ? Json(sweep.ann->accuracy) : Json(nullptr)},
          {"evals", std::move(list)},
          {"statistics", statistics_json(sweep)},
          {"data", sweep.evaluations().front().data},
          {"labels", sweep.agreement ? "ann" : "given"},
          {"model", options.model},
          {"settings", sweep.ann ? Json(settings::to_json(options.settings)) : Json(nullptr)},
          {"per_timestep", options.per_timestep}};
}

/// The labels are the ANN's own answers: what is called accuracy elsewhere is agreement on the page.
void forget_labels(page::NetworkFacts& facts) {
  facts.ann_accuracy = std::numeric_limits<double>::quiet_NaN();
  for (auto& evaluation : facts.evaluations) evaluation.accuracy = std::numeric_limits<double>::quiet_NaN();
  for (auto& mode : facts.modes) mode.evaluation.accuracy = std::numeric_limits<double>::quiet_NaN();
  for (auto& sample : facts.samples) sample.label.reset();
}

page::NetworkFacts facts_of(const Sweep& sweep, const Notices& notices, const SweepOptions& options) {
  page::NetworkFacts facts;
  facts.title = fmt::format("{} over timesteps", std::filesystem::path(options.model).filename().string());
  facts.intro = sweep.ann ? fmt::format("{} was converted {}.", options.model,
                                        options.per_timestep ? "anew for every T" : "once, for the largest T")
                          : fmt::format("The spiking network {}.", options.model);
  facts.data = sweep.test.name;
  facts.images = sweep.test.size();
  facts.notices = notices.list();
  if (sweep.agreement) facts.notices.emplace_back("There are no labels: accuracy is agreement with the ANN.");
  facts.evaluations = sweep.evaluations();
  if (sweep.ann) add_ann(facts, *sweep.ann);
  for (std::size_t i = 0; sweep.runs.size() > 1 && i < sweep.evaluations().size(); ++i) {
    const auto accuracy = over_seeds(sweep, i, &metrics::Evaluation::accuracy);
    facts.seeds.push_back({sweep.evaluations()[i].timesteps, accuracy.mean, accuracy.deviation,
                           over_seeds(sweep, i, &metrics::Evaluation::sparsity).mean,
                           over_seeds(sweep, i, &metrics::Evaluation::synops_per_image).mean});
  }
  add_samples(facts, sweep.test, sweep.ann ? sweep.ann->predictions : std::vector<std::int64_t>{},
              facts.evaluations.back().predictions);
  return facts;
}

/// With both modes of the network of the largest T, and the spikes of one image.
void write_page(const Sweep& sweep, const Notices& notices, const SweepOptions& options) {
  page::NetworkFacts facts = facts_of(sweep, notices, options);
  const auto executable =
      runtime::compile(sweep.runs.front().largest, options.target, {gpu_of(options.settings.device)});
  metrics::EvaluateOptions evaluate;
  evaluate.threads = options.settings.threads;
  evaluate.mode = program::mode_named(facts.evaluations.back().mode);
  add_modes(facts, *executable, sweep.test, evaluate, sweep.ann ? sweep.ann->predictions : std::vector<std::int64_t>{});
  add_record(facts, *executable, sweep.test, evaluate.mode);
  if (sweep.agreement) forget_labels(facts);
  write_report(options.page, facts);
}

int run_sweep(SweepOptions options) {
  options.settings = options.settings_options.settings();
  check_outputs({options.json, options.page}, {options.model, options.data.source, options.settings_options.file()});
  std::sort(options.timesteps.begin(), options.timesteps.end());
  options.timesteps.erase(std::unique(options.timesteps.begin(), options.timesteps.end()), options.timesteps.end());
  if (options.seeds.empty()) options.seeds = {options.settings.seed};
  runtime::backend(options.target);
  Notices notices;
  const Model model = read_model(options.model, notices);
  const auto* program = std::get_if<program::Program>(&model);
  const Sweep sweep =
      program ? sweep_snn(*program, options, notices) : sweep_ann(std::get<ir::Graph>(model), options, notices);
  out::print("{} on {}\n", sweep.evaluations().front().data, options.target);
  if (sweep.agreement) {
    out::print("no labels: accuracy is agreement with the ANN\n");
  } else if (sweep.ann) {
    out::print("ANN accuracy {}\n", percent(sweep.ann->accuracy));
  }
  if (sweep.runs.size() > 1) {
    print_seeds(sweep);
  } else {
    print_evaluations(sweep.evaluations(), sweep.ann && !sweep.agreement ? agreements(*sweep.ann, sweep.evaluations())
                                                                         : std::vector<double>{});
  }
  if (sweep.early_exit) print_early_exit(*sweep.early_exit);
  Json document = document_of(sweep, options);
  document["early_exit"] = sweep.early_exit ? early_exit_json(*sweep.early_exit) : Json(nullptr);
  document["notices"] = notices.list();
  write_json(options.json, document);
  if (!options.page.empty()) write_page(sweep, notices, options);
  return kDone;
}

}  // namespace

Action set_up_sweep(CLI::App& app) {
  auto options = std::make_shared<SweepOptions>();
  add_model(app, options->model, "MODEL", "An ANN (.onnx), converted first, or an SNN (.nir)");
  add_data(app, options->data);
  add_images(app, options->images);
  app.add_option("-T,--timesteps", options->timesteps,
                 "Timesteps, with commas; 1,2,4,8,16,32 unless given, or up to those of spike trains")
      ->delimiter(',')
      ->check(timesteps_range());
  app.add_option("--target", options->target, "Where to run: reference, cpu, gpu, loihi2_sim")->capture_default_str();
  app.add_option("--seeds", options->seeds, "Convert once for each seed; the mean and standard deviation of all")
      ->delimiter(',');
  app.add_flag("--per-timestep", options->per_timestep, "Convert anew for every T instead of once for the largest");
  app.add_flag(
      "--early-exit", options->early_exit,
      "Also let images stop before the largest T: the accuracy over mean timesteps, margins from training images");
  add_json(app, options->json);
  add_report(app, options->page);
  options->settings_options.add_to(app,
                                   {.only = {"mode", "seed", "device", "threads", "bf16"}, .except = {"timesteps"}});
  return [options] { return run_sweep(*options); };
}

}  // namespace neurocuda::cli
