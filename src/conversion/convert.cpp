#include "neurocuda/conversion/convert.hpp"

#include <chrono>

#include "conversion/training/data_fit.hpp"
#include "neurocuda/passes/passes.hpp"
#include "neurocuda/runtime/backends.hpp"

namespace neurocuda::conversion {
namespace {

using Clock = std::chrono::steady_clock;

/// Runs the stages one after another, timing each and measuring its network on the evaluation data.
class Pipeline {
 public:
  Pipeline(const data::Dataset* evaluation, const ConvertOptions& options, Progress& progress)
      : evaluation_(evaluation), options_(options), progress_(progress) {}

  /// Times `work`, then measures the graph that it returns.
  template <class Work>
  ir::Graph stage(const std::string& name, const Work& work) {
    const auto began = Clock::now();
    ir::Graph graph = work();
    note(name, began);
    if (evaluation_) {
      FloatOptions options;
      options.compute = options_.compute;
      options.timesteps = options_.timesteps;
      options.mode = options_.mode;
      stages.back().accuracy = evaluate_float(graph, *evaluation_, options, progress_).accuracy;
    }
    return graph;
  }

  void note(const std::string& name, Clock::time_point began) {
    stages.push_back({name, std::chrono::duration<double>(Clock::now() - began).count(), {}, 0});
  }

  std::vector<Stage> stages;

 private:
  const data::Dataset* evaluation_;
  const ConvertOptions& options_;
  Progress& progress_;
};

CalibrateOptions calibrate_options(const ConvertOptions& options, std::int64_t levels) {
  CalibrateOptions calibrate = options.calibrate;
  calibrate.levels = levels;
  calibrate.seed = options.seed;
  calibrate.compute = options.compute;
  calibrate.timesteps = options.timesteps;
  calibrate.weight_bits = options.lower.weight_bits;
  calibrate.input_bits = options.lower.input_bits;
  calibrate.input_absmax = options.lower.input_absmax;
  return calibrate;
}

FinetuneOptions finetune_options(const ConvertOptions& options) {
  FinetuneOptions finetune = options.finetune;
  const Gradient automatic = options.calibrate.epochs > 0 ? default_gradient(options.timesteps) : Gradient::none;
  finetune.gradient = options.gradient.value_or(automatic);
  // Accumulate, then fire is QCFS with L = T, which the calibration has trained.
  if (options.mode == SpikingMode::exact) finetune.gradient = Gradient::none;
  finetune.lower = options.lower;
  finetune.lower.timesteps = options.timesteps;
  finetune.seed = options.seed;
  finetune.compute = options.compute;
  return finetune;
}

/// L of a network that was trained with QCFS.
std::optional<std::int64_t> levels_of(const ir::Graph& graph) {
  for (const ir::Node& node : graph.nodes()) {
    if (const auto* qcfs = node.as<ir::QCFS>()) return qcfs->levels;
  }
  return std::nullopt;
}

ir::Graph with_normalization(const ir::Graph& graph, const data::Dataset& dataset) {
  return passes::map_operators(graph, [&](const ir::Node& node) -> ir::Operator {
    if (const auto* input = node.as<ir::Input>()) return ir::Input{input->shape, normalization_for(graph, dataset)};
    return node.op;
  });
}

metrics::Evaluation evaluate_program(const program::Program& program, const data::Dataset& evaluation,
                                     const ConvertOptions& options, Progress& progress) {
  metrics::EvaluateOptions evaluate;
  evaluate.threads = options.compute.threads;
  evaluate.mode = options.mode == SpikingMode::exact ? runtime::Mode::exact : runtime::Mode::synchronous;
  return metrics::evaluate(*runtime::compile(program, "cpu"), evaluation, evaluate, progress);
}

}  // namespace

std::int64_t default_levels(int timesteps) { return timesteps <= 8 ? 4 : 8; }

Conversion convert(const ir::Graph& ann, const data::Dataset& calibration, const data::Dataset* evaluation,
                   const ConvertOptions& given, Progress& progress) {
  require_fit(ann, calibration);
  ConvertOptions options = given;
  if (calibration.is_normalized() && options.lower.input_absmax.empty()) {
    options.lower.input_absmax = data::channel_absmax(calibration);
  }
  if (evaluation) require_fit(ann, *evaluation);
  passes::require_convertible(ann);
  Conversion conversion;
  conversion.levels = levels_of(ann).value_or(options.levels > 0 ? options.levels : default_levels(options.timesteps));
  const CalibrateOptions calibrate_with = calibrate_options(options, conversion.levels);
  Pipeline pipeline(evaluation, options, progress);

  const ir::Graph source = pipeline.stage("ann", [&] { return with_normalization(ann, calibration); });
  const ir::Graph folded = pipeline.stage("folded", [&] { return passes::fold_batch_norm(source); });
  if (calibrate_with.epochs > 0) {
    pipeline.stage("percentile", [&] {
      CalibrateOptions start = calibrate_with;
      start.epochs = 0;
      return calibrate(source, calibration, start, progress).graph;
    });
  }
  ir::Graph live;
  conversion.qcfs = pipeline.stage(calibrate_with.epochs > 0 ? "qcfs" : "percentile", [&] {
    CalibrateResult result = calibrate(source, calibration, calibrate_with, progress);
    conversion.epochs = std::move(result.epochs);
    conversion.chosen_epoch = result.chosen_epoch;
    live = std::move(result.live);
    return std::move(result.graph);
  });
  pipeline.stages.back().epochs = static_cast<int>(conversion.epochs.size());
  conversion.spiking = pipeline.stage("if_float", [&] { return passes::substitute_if(conversion.qcfs); });

  const FinetuneOptions tune_with = finetune_options(options);
  if (tune_with.gradient != Gradient::none && tune_with.epochs > 0) {
    conversion.spiking = pipeline.stage("tuned", [&] {
      conversion.tuning = finetune(live, folded, calibration, tune_with, progress);
      return conversion.tuning->graph;
    });
    pipeline.stages.back().epochs = static_cast<int>(conversion.tuning->epochs.size());
  }

  const auto began = Clock::now();
  compiler::LowerOptions lower = options.lower;
  lower.timesteps = options.timesteps;
  conversion.lowered = compiler::lower(conversion.spiking, lower);
  pipeline.note("if_integer", began);
  if (evaluation) {
    conversion.evaluation = evaluate_program(conversion.lowered.program, *evaluation, options, progress);
    pipeline.stages.back().accuracy = conversion.evaluation->accuracy;
  }
  conversion.stages = std::move(pipeline.stages);
  if (options.attribution_images > 0) {
    conversion.attribution = attribute_errors(folded, conversion.spiking, conversion.lowered.program,
                                              data::head(calibration, options.attribution_images), options.compute);
  }
  return conversion;
}

}  // namespace neurocuda::conversion
