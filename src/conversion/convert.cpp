#include "neurocuda/conversion/convert.hpp"

#include <chrono>

#include "conversion/correction/moved_biases.hpp"
#include "conversion/network/contains.hpp"
#include "conversion/training/data_fit.hpp"
#include "neurocuda/base/error.hpp"
#include "neurocuda/ir/analysis.hpp"
#include "neurocuda/passes/passes.hpp"
#include "neurocuda/runtime/backends.hpp"

namespace neurocuda::conversion {
namespace {

CalibrateOptions calibrate_options(const ConvertOptions& options, std::int64_t levels) {
  CalibrateOptions calibrate = options.calibrate;
  calibrate.levels = levels;
  calibrate.seed = options.seed;
  calibrate.compute = options.compute;
  calibrate.timesteps = options.timesteps;
  calibrate.mode = options.mode;
  calibrate.weight_bits = options.lower.weight_bits;
  calibrate.input_bits = options.lower.input_bits;
  calibrate.input_absmax = options.lower.input_absmax;
  return calibrate;
}

FinetuneOptions finetune_options(const ConvertOptions& options) {
  FinetuneOptions finetune = options.finetune;
  const bool trained = options.calibrate.epochs > 0 || options.calibrated;
  const Gradient automatic = trained ? default_gradient(options.timesteps) : Gradient::none;
  finetune.gradient = options.gradient.value_or(automatic);
  // Accumulate, then fire is QCFS with L = T, which the calibration has trained.
  if (options.mode == program::Mode::exact) finetune.gradient = Gradient::none;
  const TeacherWeights weights = default_weights(finetune.gradient);
  finetune.rate_matching = options.rate_matching.value_or(weights.rate_matching);
  finetune.distillation = options.tune_distillation.value_or(weights.distillation);
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

/// What `given` must be to stand for the calibration of `ann`.
void require_calibrated(const ir::Graph& given, const ir::Graph& ann) {
  if (!contains<ir::QCFS>(given) || contains<ir::ReLU>(given))
    fail("'{}': has no calibrated thresholds (QCFS); give the network that an earlier conversion saved", given.name);
  const auto shapes = [](const ir::Graph& graph) {
    return std::pair(graph.input_operator().shape, ir::infer_shapes(graph)[graph.output()]);
  };
  if (shapes(given) == shapes(ann)) return;
  const auto text = [&](const ir::Graph& graph) {
    const auto [input, output] = shapes(graph);
    return fmt::format("{} to {}", to_string(input), to_string(output));
  };
  fail("'{}': maps {}, the ANN '{}' {}; give the network that was calibrated for this ANN", given.name, text(given),
       ann.name, text(ann));
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
  evaluate.mode = options.mode;
  return metrics::evaluate(*runtime::compile(program, "cpu"), evaluation, evaluate, progress);
}

/// Runs the stages one after another, timing each and measuring its network on the evaluation data.
class Pipeline {
 public:
  /// `calibration` and `evaluation` fit the network, which can be converted.
  Pipeline(const data::Dataset& calibration, const data::Dataset* evaluation, const ConvertOptions& options,
           Progress& progress)
      : calibration_(calibration), evaluation_(evaluation), options_(options), progress_(progress) {}

  Conversion run(const ir::Graph& ann) {
    conversion_.levels = levels_of(options_.calibrated ? *options_.calibrated : ann)
                             .value_or(options_.levels > 0 ? options_.levels : default_levels(options_.timesteps));
    const ir::Graph source = stage("ann", [&] { return with_normalization(ann, calibration_); });
    const ir::Graph folded = stage("folded", [&] { return passes::fold_batch_norm(source); });
    if (options_.calibrated) {
      take_calibrated(ann.name);
    } else {
      calibrate_levels(source);
    }
    conversion_.spiking = stage("if_float", [&] { return passes::substitute_if(conversion_.qcfs); });
    fine_tune(folded);
    make_integer();
    correct();
    if (options_.attribution_images > 0) {
      conversion_.attribution =
          attribute_errors(folded, conversion_.spiking, conversion_.lowered.program,
                           data::head(calibration_, options_.attribution_images), options_.compute);
    }
    return std::move(conversion_);
  }

 private:
  using Clock = std::chrono::steady_clock;

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
      conversion_.stages.back().accuracy = evaluate_float(graph, *evaluation_, options, progress_).accuracy;
    }
    return graph;
  }

  void note(const std::string& name, Clock::time_point began) {
    conversion_.stages.push_back({name, std::chrono::duration<double>(Clock::now() - began).count(), {}, 0});
  }

  void take_calibrated(const std::string& name) {
    conversion_.qcfs = stage("qcfs", [&] {
      conversion_.live = with_normalization(*options_.calibrated, calibration_);
      conversion_.live.name = name;
      return on_grid(conversion_.live, calibrate_options(options_, conversion_.levels));
    });
  }

  /// The QCFS network, calibrated or at its percentile start.
  void calibrate_levels(const ir::Graph& source) {
    const CalibrateOptions calibrate_with = calibrate_options(options_, conversion_.levels);
    if (calibrate_with.epochs > 0) {
      stage("percentile", [&] {
        CalibrateOptions start = calibrate_with;
        start.epochs = 0;
        return calibrate(source, calibration_, start, progress_).graph;
      });
    }
    conversion_.qcfs = stage(calibrate_with.epochs > 0 ? "qcfs" : "percentile", [&] {
      CalibrateResult result = calibrate(source, calibration_, calibrate_with, progress_);
      conversion_.epochs = std::move(result.epochs);
      conversion_.held_out_accuracy = std::move(result.held_out_accuracy);
      conversion_.chosen_epoch = result.chosen_epoch;
      conversion_.start_handicap = result.start_handicap;
      conversion_.live = std::move(result.live);
      return std::move(result.graph);
    });
    conversion_.stages.back().epochs = static_cast<int>(conversion_.epochs.size());
  }

  void fine_tune(const ir::Graph& teacher) {
    const FinetuneOptions tune_with = finetune_options(options_);
    if (tune_with.gradient == Gradient::none || tune_with.epochs == 0) return;
    conversion_.spiking = stage("tuned", [&] {
      conversion_.tuning = finetune(conversion_.live, teacher, calibration_, tune_with, progress_);
      return conversion_.tuning->graph;
    });
    conversion_.stages.back().epochs = static_cast<int>(conversion_.tuning->epochs.size());
  }

  void make_integer() {
    const auto began = Clock::now();
    compiler::LowerOptions lower = options_.lower;
    lower.timesteps = options_.timesteps;
    conversion_.lowered = compiler::lower(conversion_.spiking, lower);
    note("if_integer", began);
    if (!evaluation_) return;
    conversion_.evaluation = evaluate_program(conversion_.lowered.program, *evaluation_, options_, progress_);
    conversion_.stages.back().accuracy = conversion_.evaluation->accuracy;
  }

  /// Accumulate, then fire needs none: there the rates are what they should be. A fine-tuned network has learned from
  /// the rates that it has: other ones would be wrong for it.
  void correct() {
    const bool tuned = conversion_.tuning && conversion_.tuning->chosen_epoch > 0;
    if (tuned || options_.mode == program::Mode::exact || options_.correction.rounds == 0) return;
    const auto began = Clock::now();
    correction::BiasCorrectionOptions correct_with = options_.correction;
    correct_with.timesteps = options_.timesteps;
    correct_with.threads = options_.compute.threads;
    correct_with.held_out = options_.calibrate.held_out;
    correct_with.score_images = options_.calibrate.score_images;
    correct_with.seed = options_.seed;
    const program::Program given = conversion_.lowered.program;
    auto& correction =
        conversion_.correction.emplace(correction::correct_biases(given, calibration_, correct_with, progress_));
    if (correction.chosen_round > 0) {
      conversion_.spiking = with_moved_biases(conversion_.spiking, given, correction.program);
      conversion_.lowered.program = correction.program;
      conversion_.lowered.bounds = program::prove_bounds(correction.program, options_.timesteps);
    }
    note("corrected", began);
    if (!evaluation_) return;
    if (correction.chosen_round > 0)
      conversion_.evaluation = evaluate_program(conversion_.lowered.program, *evaluation_, options_, progress_);
    conversion_.stages.back().accuracy = conversion_.evaluation->accuracy;
  }

  const data::Dataset& calibration_;
  const data::Dataset* evaluation_;
  const ConvertOptions& options_;
  Progress& progress_;
  Conversion conversion_;
};

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
  if (options.calibrated) {
    require_calibrated(*options.calibrated, ann);
    passes::require_convertible(*options.calibrated);
  }
  return Pipeline(calibration, evaluation, options, progress).run(ann);
}

}  // namespace neurocuda::conversion
