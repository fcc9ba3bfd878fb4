#include <fmt/format.h>

#include <filesystem>
#include <memory>

#include "cli/data_source.hpp"
#include "cli/json_report.hpp"
#include "cli/model_file.hpp"
#include "cli/network_report.hpp"
#include "cli/options.hpp"
#include "cli/out.hpp"
#include "cli/subcommands.hpp"
#include "cli/table.hpp"
#include "cli/text_report.hpp"
#include "neurocuda/ir/analysis.hpp"
#include "neurocuda/runtime/backends.hpp"

namespace neurocuda::cli {
namespace {

struct EvalOptions {
  CommonOptions common;
  std::string model, data, target = "cpu", split = "test", mode, page;
  std::optional<int> timesteps;
  std::int64_t images = 0, batch_size = 64;
  int device = 0;
  bool layers = false;
};

page::NetworkFacts facts_for(const EvalOptions& options, const data::Dataset& dataset) {
  page::NetworkFacts facts;
  facts.title = std::filesystem::path(options.model).filename().string();
  facts.data = dataset.name;
  facts.images = dataset.size();
  return facts;
}

void report_snn(const runtime::Executable& executable, const data::Dataset& dataset,
                const metrics::EvaluateOptions& evaluate, const EvalOptions& options) {
  const auto& program = executable.program();
  page::NetworkFacts facts = facts_for(options, dataset);
  const int timesteps = evaluate.timesteps > 0 ? evaluate.timesteps : program.timesteps;
  facts.intro = fmt::format("A spiking network of {} integrate-and-fire neurons, run on {} ({}) in {} mode.",
                            grouped(program::neuron_count(program)), executable.target(), executable.isa(),
                            program::name_of(evaluate.mode));
  facts.evaluations =
      metrics::evaluate_timesteps(executable, dataset, report_timesteps(timesteps), evaluate, *terminal_progress());
  add_samples(facts, dataset, {}, facts.evaluations.back().predictions);
  add_record(facts, executable, dataset, evaluate.mode);
  write_report(options.page, facts);
}

void report_ann(const network::FloatEvaluation& evaluation, const ir::Graph& ann, const data::Dataset& dataset,
                const EvalOptions& options) {
  page::NetworkFacts facts = facts_for(options, dataset);
  facts.intro =
      fmt::format("An ANN of {} parameters and {} multiply-accumulates per image, not converted yet; {}, {} images.",
                  grouped(ir::parameter_count(ann)), with_unit_prefix(static_cast<double>(ir::dense_macs(ann))),
                  dataset.name, dataset.size());
  add_ann(facts, evaluation);
  add_samples(facts, dataset, evaluation.predictions, {});
  facts.commands = {
      fmt::format("neurocuda convert {} --data {} -T 8 -o snn.nir --report page.html", options.model, options.data)};
  write_report(options.page, facts);
}

Json eval_snn(const program::Program& program, const data::Dataset& dataset, const EvalOptions& options) {
  const auto executable = runtime::compile(program, options.target, {options.device});
  metrics::EvaluateOptions evaluate;
  evaluate.timesteps = options.timesteps.value_or(0);
  evaluate.threads = options.common.threads;
  evaluate.batch_size = options.batch_size;
  evaluate.mode = mode_for(program, options.mode);
  const auto evaluation = metrics::evaluate(*executable, dataset, evaluate, *terminal_progress());
  print_evaluation(evaluation);
  if (options.layers) print_layers(evaluation);
  if (!options.page.empty()) report_snn(*executable, dataset, evaluate, options);
  return report::to_json(evaluation);
}

/// An ANN runs under libtorch: on the CPU, or on CUDA for `gpu`.
std::string libtorch_device(const EvalOptions& options) {
  if (options.target == "cpu") return "cpu";
  if (options.target == "gpu") return fmt::format("cuda:{}", options.device);
  fail("{}: an ANN runs on the targets cpu and gpu, not on '{}'; convert it to an SNN (.nir) for that", options.model,
       options.target);
}

Json eval_ann(const ir::Graph& ann, const data::Dataset& dataset, const EvalOptions& options) {
  network::FloatOptions compute;
  compute.compute.device = libtorch_device(options);
  compute.compute.threads = options.common.threads;
  const auto evaluation = network::evaluate_float(ann, dataset, compute, *terminal_progress());
  out::print("{}, ANN in float32 on {}\n", dataset.name, options.target);
  out::print("  accuracy  {} ({} of {})\n", percent(evaluation.accuracy), evaluation.correct, evaluation.images);
  out::print("  speed     {} images/s\n", with_unit_prefix(evaluation.images_per_second));
  if (!options.page.empty()) report_ann(evaluation, ann, dataset, options);
  return ann_evaluation_json(evaluation, ann, dataset.name, options.target);
}

int run_eval(const EvalOptions& options) {
  check_outputs({options.common.json, options.page}, {options.model, options.data});
  runtime::backend(options.target);  // an unknown target is told before anything is read
  const Model model = read_model(options.model);
  Json document;
  if (const auto* program = std::get_if<program::Program>(&model)) {
    runtime::compile(*program, options.target, {options.device});  // an absent backend is told before the data is read
    const data::Dataset dataset = load_images(options.data, options.split, options.images);
    require_fit(options.model, program->nodes.front().shape, dataset);
    document = eval_snn(*program, dataset, options);
  } else {
    if (options.timesteps)
      fail("-T {}: {} is an ANN, which has no timesteps; leave -T out", *options.timesteps, options.model);
    libtorch_device(options);
    const auto& ann = std::get<ir::Graph>(model);
    const data::Dataset dataset = load_images(options.data, options.split, options.images);
    require_fit(options.model, ann.input_operator().shape, dataset);
    document = eval_ann(ann, dataset, options);
  }
  document["model"] = options.model;
  write_json(options.common.json, document);
  return kDone;
}

}  // namespace

Action set_up_eval(CLI::App& app) {
  auto options = std::make_shared<EvalOptions>();
  add_model(app, options->model, "MODEL", "An SNN (.nir) or an ANN (.onnx)");
  add_data(app, options->data);
  add_split(app, options->split);
  add_images(app, options->images);
  app.add_option("--target", options->target, "Where to run: reference, cpu, gpu, loihi2_sim")->capture_default_str();
  add_gpu(app, options->device);
  add_timesteps(app, options->timesteps);
  add_mode(app, options->mode);
  app.add_option("--batch-size", options->batch_size, "Images per batch")
      ->check(CLI::Range(1, 65536))
      ->capture_default_str();
  app.add_flag("--layers", options->layers, "Also print every layer's figures");
  add_report(app, options->page);
  add_common(app, options->common);
  return [options] { return run_eval(*options); };
}

}  // namespace neurocuda::cli
