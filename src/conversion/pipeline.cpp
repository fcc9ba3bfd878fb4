#include "conversion/pipeline.hpp"

#include "conversion/stage_options.hpp"
#include "neurocuda/base/memory.hpp"
#include "neurocuda/base/settings_json.hpp"
#include "neurocuda/base/version.hpp"
#include "neurocuda/data/at_most.hpp"
#include "neurocuda/network/data_fit.hpp"
#include "neurocuda/network/evaluate.hpp"
#include "neurocuda/passes/passes.hpp"
#include "neurocuda/runtime/backends.hpp"

namespace neurocuda::conversion {
namespace {

ir::Graph with_normalization(const ir::Graph& graph, const data::Dataset& dataset) {
  return passes::map_operators(graph, [&](const ir::Node& node) -> ir::Operator {
    if (const auto* input = node.as<ir::Input>())
      return ir::Input{input->shape, network::normalization_for(graph, dataset), dataset.timesteps() > 0};
    return node.op;
  });
}

/// What rates of a network that was not calibrated are matched to: the ANN's activations up to the thresholds.
ir::Graph clipped(const ir::Graph& ann, const ir::Graph& spiking) {
  std::map<std::string, Tensor<float>> thresholds;
  for (const ir::Node& node : spiking.nodes()) {
    if (const auto* neurons = node.as<ir::IF>()) thresholds[node.name] = neurons->theta;
  }
  return passes::substitute_qcfs(ann, thresholds, kContinuous);
}

}  // namespace

Pipeline::Pipeline(const data::Dataset& calibration, const data::Dataset* evaluation, const ConvertOptions& options,
                   const Settings& settings, Progress& progress)
    : calibration_(calibration), evaluation_(evaluation), options_(options), settings_(settings), progress_(progress) {
  conversion_.settings = options.settings;
  conversion_.levels = *settings.levels;
  conversion_.images = calibration.size();
  data::Dataset seen = calibration;
  if (trains(settings, options.calibrated.has_value())) {
    auto [rest, held_out] = data::split(calibration, settings.held_out, settings.seed);
    seen = std::move(rest);
    held_out_ = data::head(held_out, settings.score_images);
  }
  fitted_to_ = data::at_most(seen, settings.fit_images, settings.seed);
  conversion_.fit_images = fitted_to_.size();
}

Conversion Pipeline::run(const ir::Graph& ann) {
  const ir::Graph network = stage("ann", [&] { return with_normalization(ann, calibration_); });
  const ir::Graph source = in_layers(network);
  const ir::Graph folded = stage("folded", [&] { return passes::fold_batch_norm(source); });
  fit(folded);
  if (trains(settings_, options_.calibrated.has_value())) train(source, folded);
  Candidate& chosen = best();
  conversion_.chosen_stage = chosen.stage;
  conversion_.spiking = std::move(chosen.graph);
  conversion_.lowered = std::move(chosen.lowered);
  conversion_.evaluation = std::move(chosen.evaluation);
  for (const Stage& stage : conversion_.stages) conversion_.seconds += stage.seconds;
  conversion_.peak_bytes = peak_resident_bytes();
  if (settings_.attribution_images > 0) {
    conversion_.attribution.layers = attribute_errors(
        folded, conversion_.spiking, conversion_.lowered.program,
        data::at_most(calibration_, settings_.attribution_images, settings_.seed), compute_of(settings_), progress_);
  }
  return std::move(conversion_);
}

void Pipeline::note(const std::string& name, Clock::time_point began) {
  conversion_.stages.push_back({name, std::chrono::duration<double>(Clock::now() - began).count(), {}, {}, 0});
}

void Pipeline::measure_float(const ir::Graph& graph) {
  if (!evaluation_) return;
  network::FloatOptions options;
  options.compute = compute_of(settings_);
  options.timesteps = settings_.timesteps;
  options.mode = settings_.mode;
  const auto measured = network::evaluate_float(graph, *evaluation_, options, progress_);
  Stage& stage = conversion_.stages.back();
  if (answers_.empty()) answers_ = measured.predictions;  // the first stage is the ANN
  stage.accuracy = measured.accuracy;
  stage.agreement = metrics::agreement(measured.predictions, answers_);
}

metrics::Evaluation Pipeline::evaluate(const program::Program& program, const data::Dataset& images, const char* task) {
  metrics::EvaluateOptions evaluate;
  evaluate.threads = settings_.threads;
  evaluate.mode = settings_.mode;
  evaluate.task = task;
  return metrics::evaluate(*runtime::compile(program, "cpu"), images, evaluate, progress_);
}

void Pipeline::add_candidate(const std::string& name, ir::Graph graph, Clock::time_point began) {
  Candidate added{name, std::move(graph), {}, {}};
  added.lowered = compiler::lower(added.graph, lower_options(settings_));
  program::Program& program = added.lowered.program;
  program.mode = settings_.mode;
  program.settings = settings::to_json(options_.settings).dump();
  program.made_by = std::string("neurocuda ") + version();
  note(name, began);
  if (evaluation_) {
    added.evaluation = evaluate(program, *evaluation_, "spikes");
    Stage& stage = conversion_.stages.back();
    stage.accuracy = added.evaluation->accuracy;
    stage.agreement = metrics::agreement(added.evaluation->predictions, answers_);
  }
  candidates_.push_back(std::move(added));
}

/// What lies between activations as one layer each, their sizes such that no constant of training is large or small.
ir::Graph Pipeline::in_layers(const ir::Graph& network) {
  const ir::Graph layers = passes::make_layers(passes::absorb_input_scaling(passes::leave_out_last_relu(network)));
  return passes::scale_activations(layers, largest_activations(layers, calibration_, compute_of(settings_), progress_));
}

void Pipeline::fit(const ir::Graph& folded) {
  candidate("fitted", [&] {
    FittedLayers fitted = fit_layers(folded, fitted_to_, settings_, progress_);
    conversion_.layers = std::move(fitted.layers);
    return std::move(fitted.graph);
  });
}

void Pipeline::train(const ir::Graph& source, const ir::Graph& folded) {
  if (options_.calibrated) {
    conversion_.qcfs = stage("qcfs", [&] {
      conversion_.live = with_normalization(*options_.calibrated, calibration_);
      conversion_.live.name = source.name;
      return on_grid(conversion_.live, settings_);
    });
  } else if (settings_.epochs > 0) {
    calibrate_levels(source);
  }
  if (conversion_.qcfs.size() > 0) {
    candidate("qcfs_fitted", [&] { return fit_layers(conversion_.qcfs, fitted_to_, settings_, progress_).graph; });
  }
  if (settings_.tune == FineTuning::bptt && settings_.tune_epochs > 0) fine_tune_best(folded);
}

/// The QCFS network, calibrated from its percentile start.
void Pipeline::calibrate_levels(const ir::Graph& source) {
  conversion_.qcfs = stage("qcfs", [&] {
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

/// Goes on from the calibrated network where that is the best so far, else from the fitted one.
void Pipeline::fine_tune_best(const ir::Graph& folded) {
  const bool calibrated = best().stage == "qcfs_fitted";
  const ir::Graph start = calibrated ? passes::substitute_if(conversion_.live) : candidates_.front().graph;
  const ir::Graph guide = calibrated ? conversion_.live : clipped(folded, start);
  candidate("tuned", [&] {
    conversion_.tuning = fine_tune(start, guide, folded, calibration_, settings_, options_.tuning_state, progress_);
    return conversion_.tuning->graph;
  });
  conversion_.stages.back().epochs = static_cast<int>(conversion_.tuning->epochs.size());
}

Pipeline::Candidate& Pipeline::best() {
  if (candidates_.size() == 1 || held_out_.size() == 0) return candidates_.back();
  Candidate* chosen = nullptr;
  double highest = -1;
  for (Candidate& candidate : candidates_) {
    auto& accuracy = conversion_.held_out_by_stage[candidate.stage];
    if (!accuracy) accuracy = evaluate(candidate.lowered.program, held_out_, "held-out spikes").accuracy;
    // The ANN has seen these images, and what was trained afterwards has not.
    const double fair = *accuracy - (candidate.stage == "fitted" ? conversion_.start_handicap : 0);
    if (fair <= highest) continue;
    highest = fair;
    chosen = &candidate;
  }
  return *chosen;
}

}  // namespace neurocuda::conversion
