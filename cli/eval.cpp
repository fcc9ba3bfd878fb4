#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <utility>

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
#include "neurocuda/network/evaluate.hpp"
#include "neurocuda/runtime/backends.hpp"

namespace neurocuda::cli {
namespace {

struct EvalOptions {
  CommonOptions common;
  std::string model, ann, target = "cpu", split = "test", mode, page;
  DataOptions data;
  std::optional<int> timesteps;
  std::int64_t images = 0, batch_size = 64;
  int device = 0;
  bool layers = false;
};

Answers answers_of(const std::vector<std::int64_t>& predictions, std::int64_t classes, const data::Dataset& dataset) {
  Answers answers{dataset.class_names, std::vector<std::int64_t>(static_cast<std::size_t>(classes))};
  for (const std::int64_t prediction : predictions) ++answers.counts.at(static_cast<std::size_t>(prediction));
  return answers;
}

/// What the document says of the data set beside its name.
void add_answers(Json& document, const Answers& answers, const data::Dataset& dataset) {
  document["labels"] = dataset.labelled() ? Json("given") : Json(nullptr);
  document["class_names"] = answers.names;
  document["answers"] = answers.counts;
}

network::FloatEvaluation evaluate_float(const ir::Graph& ann, const std::string& device, const data::Dataset& dataset,
                                        const EvalOptions& options) {
  network::FloatOptions compute;
  compute.compute = {device, options.common.threads, false};
  return network::evaluate_float(ann, dataset, compute, *terminal_progress());
}

page::NetworkFacts facts_for(const EvalOptions& options, const data::Dataset& dataset, const Notices& notices) {
  page::NetworkFacts facts;
  facts.title = std::filesystem::path(options.model).filename().string();
  facts.data = dataset.name;
  facts.images = dataset.size();
  facts.notices = notices.list();
  return facts;
}

void report_snn(const runtime::Executable& executable, const data::Dataset& dataset,
                std::vector<metrics::Evaluation> evaluations, const std::optional<network::FloatEvaluation>& ann,
                const metrics::EvaluateOptions& evaluate, const Notices& notices, const EvalOptions& options) {
  const auto& program = executable.program();
  page::NetworkFacts facts = facts_for(options, dataset, notices);
  facts.intro = fmt::format("A spiking network of {}, run on {} ({}) in {} mode.", describe_neurons(program),
                            executable.target(), executable.isa(), program::name_of(evaluate.mode));
  facts.evaluations = std::move(evaluations);
  if (ann) add_ann(facts, *ann);
  const auto answers = ann ? ann->predictions : std::vector<std::int64_t>{};
  add_modes(facts, executable, dataset, evaluate, answers);
  add_samples(facts, dataset, answers, facts.evaluations.back().predictions);
  add_record(facts, executable, dataset, evaluate.mode);
  write_report(options.page, facts);
}

void report_ann(const network::FloatEvaluation& evaluation, const ir::Graph& ann, const data::Dataset& dataset,
                const Notices& notices, const EvalOptions& options) {
  page::NetworkFacts facts = facts_for(options, dataset, notices);
  facts.intro =
      fmt::format("An ANN of {} parameters and {} multiply-accumulates per image, not converted yet; {}, {} images.",
                  grouped(ir::parameter_count(ann)), with_unit_prefix(static_cast<double>(ir::dense_macs(ann))),
                  dataset.name, dataset.size());
  add_ann(facts, evaluation);
  add_samples(facts, dataset, evaluation.predictions, {});
  facts.commands = {fmt::format("neurocuda convert {} --data {} -T 8 -o snn.nir --report page.html", options.model,
                                options.data.source)};
  write_report(options.page, facts);
}

Json eval_snn(const program::Program& program, const data::Dataset& dataset, const std::optional<ir::Graph>& ann,
              const Notices& notices, const EvalOptions& options) {
  const auto executable = runtime::compile(program, options.target, {options.device});
  metrics::EvaluateOptions evaluate;
  evaluate.threads = options.common.threads;
  evaluate.batch_size = options.batch_size;
  evaluate.mode = mode_for(program, options.mode);
  const int timesteps = options.timesteps.value_or(program.timesteps);
  // The page shows the smaller T, too; in the synchronous mode they cost nothing.
  auto evaluations = metrics::evaluate_timesteps(
      *executable, dataset, options.page.empty() ? std::vector{timesteps} : report_timesteps(timesteps), evaluate,
      *terminal_progress());
  const metrics::Evaluation evaluation = evaluations.back();
  print_evaluation(evaluation);
  const Answers answers = answers_of(evaluation.predictions, program::channels(program.nodes.back().shape), dataset);
  if (!dataset.labelled()) print_answers(answers);
  Json document = report::to_json(evaluation);
  add_answers(document, answers, dataset);
  std::optional<network::FloatEvaluation> answered;
  if (ann) {
    answered = evaluate_float(*ann, "cpu", dataset, options);
    const double share = metrics::agreement(answered->predictions, evaluation.predictions);
    out::print("  agreement             {} with {}\n", percent(share), options.ann);
    document["agreement"] = share;
    document["ann"] = options.ann;
  }
  if (options.layers) print_layers(evaluation);
  if (!options.page.empty())
    report_snn(*executable, dataset, std::move(evaluations), answered, evaluate, notices, options);
  return document;
}

/// An ANN runs under libtorch: on the CPU, or on CUDA for `gpu`.
std::string libtorch_device(const EvalOptions& options) {
  if (options.target == "cpu") return "cpu";
  if (options.target == "gpu") return fmt::format("cuda:{}", options.device);
  fail("{}: an ANN runs on the targets cpu and gpu, not on '{}'; convert it to an SNN (.nir) for that", options.model,
       options.target);
}

Json eval_ann(const ir::Graph& ann, const data::Dataset& dataset, const Notices& notices, const EvalOptions& options) {
  const auto evaluation = evaluate_float(ann, libtorch_device(options), dataset, options);
  out::print("{}, ANN in float32 on {}\n", dataset.name, options.target);
  const Answers answers = answers_of(evaluation.predictions, ir::infer_shapes(ann)[ann.output()].at(0), dataset);
  if (dataset.labelled()) {
    out::print("  accuracy  {} ({} of {})\n", percent(evaluation.accuracy), evaluation.correct, evaluation.images);
  } else {
    out::print("  accuracy  not known, there are no labels for the {} images\n", evaluation.images);
    print_answers(answers);
  }
  out::print("  speed     {} images/s\n", with_unit_prefix(evaluation.images_per_second));
  Json document = ann_evaluation_json(evaluation, ann, dataset.name, options.target);
  add_answers(document, answers, dataset);
  if (!options.page.empty()) report_ann(evaluation, ann, dataset, notices, options);
  return document;
}

int run_eval(const EvalOptions& options) {
  check_outputs({options.common.json, options.page}, {options.model, options.data.source, options.ann});
  runtime::backend(options.target);  // an unknown target is told before anything is read
  Notices notices;
  const Model model = read_model(options.model, notices);
  Json document;
  if (const auto* program = std::get_if<program::Program>(&model)) {
    runtime::compile(*program, options.target, {options.device});  // an absent backend is told before the data is read
    std::optional<ir::Graph> ann;
    if (!options.ann.empty()) ann = read_ann(options.ann, notices);
    const data::Dataset dataset =
        load_images(options.data, options.split, options.images, consumer(options.model, *program), notices);
    document = eval_snn(*program, dataset, ann, notices, options);
  } else {
    if (options.timesteps)
      fail("-T {}: {} is an ANN, which has no timesteps; leave -T out", *options.timesteps, options.model);
    if (!options.mode.empty())
      fail("--mode {}: {} is an ANN, which has no spikes; leave --mode out", options.mode, options.model);
    if (options.layers) fail("--layers: {} is an ANN; give an SNN (.nir), whose layers spike", options.model);
    if (!options.ann.empty()) fail("--ann {}: {} is an ANN itself; give an SNN (.nir)", options.ann, options.model);
    libtorch_device(options);
    const auto& ann = std::get<ir::Graph>(model);
    const data::Dataset dataset =
        load_images(options.data, options.split, options.images, consumer(options.model, ann), notices);
    document = eval_ann(ann, dataset, notices, options);
  }
  document["model"] = options.model;
  document["notices"] = notices.list();
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
  app.add_option("--ann", options->ann, "Also say how many answers of the SNN are those of this ANN (.onnx)")
      ->type_name("FILE");
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
