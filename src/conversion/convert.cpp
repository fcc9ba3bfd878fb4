#include "neurocuda/conversion/convert.hpp"

#include <chrono>

#include "conversion/stage_options.hpp"
#include "neurocuda/base/error.hpp"
#include "neurocuda/base/settings_json.hpp"
#include "neurocuda/base/version.hpp"
#include "neurocuda/correction/moved_biases.hpp"
#include "neurocuda/data/at_most.hpp"
#include "neurocuda/ir/analysis.hpp"
#include "neurocuda/ir/contains.hpp"
#include "neurocuda/network/data_fit.hpp"
#include "neurocuda/network/evaluate.hpp"
#include "neurocuda/passes/passes.hpp"
#include "neurocuda/runtime/backends.hpp"

namespace neurocuda::conversion {
namespace {

/// L of a network that was trained with QCFS.
std::optional<std::int64_t> levels_of(const ir::Graph& graph) {
  for (const ir::Node& node : graph.nodes()) {
    if (const auto* qcfs = node.as<ir::QCFS>()) return qcfs->levels;
  }
  return std::nullopt;
}

/// What `given` must be to stand for the calibration of `ann`.
void require_calibrated(const ir::Graph& given, const ir::Graph& ann) {
  if (!ir::contains<ir::QCFS>(given) || ir::contains<ir::ReLU>(given))
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

/// The ANN's own answers may choose among epochs, but as if they were true labels they must not teach.
void require_no_true_labels(const data::Dataset& images, const Settings& settings) {
  const bool teaches = settings.epochs > 0 || (settings.tune == FineTuning::bptt && settings.tune_epochs > 0);
  if (images.labelled() || !teaches || settings.label_weight == 0) return;
  throw SettingError("label_weight", fmt::format("{}", settings.label_weight),
                     fmt::format("{} has no labels to teach with; set it to 0, so that the ANN alone teaches, or give "
                                 "labelled images",
                                 images.name));
}

ir::Graph with_normalization(const ir::Graph& graph, const data::Dataset& dataset) {
  return passes::map_operators(graph, [&](const ir::Node& node) -> ir::Operator {
    if (const auto* input = node.as<ir::Input>())
      return ir::Input{input->shape, network::normalization_for(graph, dataset)};
    return node.op;
  });
}

metrics::Evaluation evaluate_program(const program::Program& program, const data::Dataset& evaluation,
                                     const Settings& settings, Progress& progress) {
  metrics::EvaluateOptions evaluate;
  evaluate.threads = settings.threads;
  evaluate.mode = settings.mode;
  return metrics::evaluate(*runtime::compile(program, "cpu"), evaluation, evaluate, progress);
}

/// Runs the stages one after another, timing each and measuring its network on the evaluation data.
class Pipeline {
 public:
  /// `calibration` and `evaluation` fit the network, which can be converted. `settings`: resolved.
  Pipeline(const data::Dataset& calibration, const data::Dataset* evaluation, const ConvertOptions& options,
           const Settings& settings, Progress& progress)
      : calibration_(calibration),
        evaluation_(evaluation),
        options_(options),
        settings_(settings),
        progress_(progress) {}

  Conversion run(const ir::Graph& ann, Labels calibration_labels, Labels evaluation_labels) {
    conversion_.settings = options_.settings;
    conversion_.calibration_labels = calibration_labels;
    conversion_.evaluation_labels = evaluation_labels;
    conversion_.levels = *settings_.levels;
    conversion_.images = calibration_.size();
    const ir::Graph network = stage("ann", [&] { return with_normalization(ann, calibration_); });
    const ir::Graph source = in_layers(network);
    const ir::Graph folded = stage("folded", [&] { return passes::fold_batch_norm(source); });
    if (options_.calibrated) {
      take_calibrated(ann.name);
    } else {
      calibrate_levels(source);
    }
    conversion_.spiking = stage("if_float", [&] { return passes::substitute_if(conversion_.qcfs); });
    tune(folded);
    make_integer();
    correct();
    if (settings_.attribution_images > 0) {
      conversion_.attribution.layers =
          attribute_errors(folded, conversion_.spiking, conversion_.lowered.program,
                           data::head(calibration_, settings_.attribution_images), compute_of(settings_), progress_);
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
      network::FloatOptions options;
      options.compute = compute_of(settings_);
      options.timesteps = settings_.timesteps;
      options.mode = settings_.mode;
      conversion_.stages.back().accuracy = network::evaluate_float(graph, *evaluation_, options, progress_).accuracy;
    }
    return graph;
  }

  /// What lies between activations as one layer each, their sizes such that no constant of training is large or small.
  ir::Graph in_layers(const ir::Graph& network) {
    const ir::Graph layers = passes::make_layers(passes::absorb_input_scaling(network));
    return passes::scale_activations(layers,
                                     largest_activations(layers, calibration_, compute_of(settings_), progress_));
  }

  void note(const std::string& name, Clock::time_point began) {
    conversion_.stages.push_back({name, std::chrono::duration<double>(Clock::now() - began).count(), {}, 0});
  }

  void take_calibrated(const std::string& name) {
    conversion_.qcfs = stage("qcfs", [&] {
      conversion_.live = with_normalization(*options_.calibrated, calibration_);
      conversion_.live.name = name;
      return on_grid(conversion_.live, settings_);
    });
  }

  /// The QCFS network, calibrated or at its percentile start.
  void calibrate_levels(const ir::Graph& source) {
    if (settings_.epochs > 0) {
      stage("percentile", [&] {
        Settings start = settings_;
        start.epochs = 0;
        return calibrate(source, calibration_, start, {}, progress_).graph;
      });
    }
    conversion_.qcfs = stage(settings_.epochs > 0 ? "qcfs" : "percentile", [&] {
      CalibrateResult result = calibrate(source, calibration_, settings_, options_.calibration_state, progress_);
      conversion_.epochs = std::move(result.epochs);
      conversion_.held_out_accuracy = std::move(result.held_out_accuracy);
      conversion_.chosen_epoch = result.chosen_epoch;
      conversion_.start_handicap = result.start_handicap;
      conversion_.live = std::move(result.live);
      return std::move(result.graph);
    });
    conversion_.stages.back().epochs = static_cast<int>(conversion_.epochs.size());
  }

  void tune(const ir::Graph& teacher) {
    if (settings_.tune != FineTuning::bptt || settings_.tune_epochs == 0) return;
    conversion_.spiking = stage("tuned", [&] {
      conversion_.tuning =
          fine_tune(conversion_.live, teacher, calibration_, settings_, options_.tuning_state, progress_);
      return conversion_.tuning->graph;
    });
    conversion_.stages.back().epochs = static_cast<int>(conversion_.tuning->epochs.size());
  }

  void make_integer() {
    const auto began = Clock::now();
    conversion_.lowered = compiler::lower(conversion_.spiking, lower_options(settings_));
    program::Program& program = conversion_.lowered.program;
    program.mode = settings_.mode;
    program.settings = settings::to_json(options_.settings).dump();
    program.made_by = std::string("neurocuda ") + version();
    note("if_integer", began);
    if (!evaluation_) return;
    conversion_.evaluation = evaluate_program(conversion_.lowered.program, *evaluation_, settings_, progress_);
    conversion_.stages.back().accuracy = conversion_.evaluation->accuracy;
  }

  /// Accumulate, then fire needs none: there the rates are what they should be. A fine-tuned network has learned from
  /// the rates that it has: other ones would be wrong for it.
  void correct() {
    const bool tuned = conversion_.tuning && conversion_.tuning->chosen_epoch > 0;
    if (tuned || settings_.mode == program::Mode::exact || settings_.correction_rounds == 0) return;
    const auto began = Clock::now();
    correction::Settings correct_with;
    correct_with.timesteps = settings_.timesteps;
    correct_with.rounds = settings_.correction_rounds;
    correct_with.measured_images = settings_.correction_images;
    correct_with.held_out = settings_.held_out;
    correct_with.score_images = settings_.score_images;
    correct_with.seed = settings_.seed;
    correct_with.threads = settings_.threads;
    const program::Program given = conversion_.lowered.program;
    auto& correction =
        conversion_.correction.emplace(correction::correct_biases(given, calibration_, correct_with, progress_));
    if (correction.chosen_round > 0) {
      conversion_.spiking = correction::with_moved_biases(conversion_.spiking, given, correction.program);
      conversion_.lowered.program = correction.program;
      conversion_.lowered.bounds = program::prove_bounds(correction.program, settings_.timesteps);
    }
    note("corrected", began);
    if (!evaluation_) return;
    if (correction.chosen_round > 0)
      conversion_.evaluation = evaluate_program(conversion_.lowered.program, *evaluation_, settings_, progress_);
    conversion_.stages.back().accuracy = conversion_.evaluation->accuracy;
  }

  const data::Dataset& calibration_;
  const data::Dataset* evaluation_;
  const ConvertOptions& options_;
  const Settings& settings_;
  Progress& progress_;
  Conversion conversion_;
};

}  // namespace

Conversion convert(const ir::Graph& ann, const data::Dataset& calibration, const data::Dataset* evaluation,
                   const ConvertOptions& options, Progress& progress) {
  settings::validate(options.settings);
  network::require_fit(ann, calibration);
  if (evaluation) network::require_fit(ann, *evaluation);
  passes::require_convertible(ann);
  if (options.calibrated) {
    require_calibrated(*options.calibrated, ann);
    passes::require_convertible(*options.calibrated);
  }
  const data::Dataset drawn = data::at_most(calibration, options.settings.calibration_images, options.settings.seed);
  Settings settings = resolve(options.settings, drawn, options.calibrated.has_value());
  if (const auto own = levels_of(options.calibrated ? *options.calibrated : ann)) settings.levels = own;
  require_no_true_labels(drawn, settings);
  std::optional<data::Dataset> taught, measured;  // with the ANN's answers, where there are no labels
  const network::ComputeOptions compute = compute_of(settings);
  if (!drawn.labelled()) taught = network::labelled_by(ann, drawn, compute, progress);
  if (evaluation && !evaluation->labelled()) measured = network::labelled_by(ann, *evaluation, compute, progress);
  Pipeline pipeline(taught ? *taught : drawn, measured ? &*measured : evaluation, options, settings, progress);
  return pipeline.run(ann, taught ? Labels::ann : Labels::given, measured ? Labels::ann : Labels::given);
}

}  // namespace neurocuda::conversion
