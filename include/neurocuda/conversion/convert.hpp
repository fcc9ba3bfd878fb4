#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "neurocuda/compiler/compiler.hpp"
#include "neurocuda/conversion/attribution.hpp"
#include "neurocuda/conversion/calibrate.hpp"
#include "neurocuda/conversion/fine_tune.hpp"
#include "neurocuda/conversion/fit_layers.hpp"
#include "neurocuda/conversion/settings.hpp"
#include "neurocuda/metrics/evaluation.hpp"

namespace neurocuda::conversion {

/// What a conversion takes beside the ANN and the images.
struct ConvertOptions {
  Settings settings;
  /// A QCFS network that an earlier conversion of the same ANN calibrated (Conversion::live): it is taken instead of
  /// calibrating anew, whatever its T was, and brings its L.
  std::optional<ir::Graph> calibrated;
  training::ResumeFile calibration_state, tuning_state;
};

/// Accuracy and cost of one stage of the conversion, on the evaluation data.
struct Stage {
  /// "ann", "folded", "fitted" (spiking, without training); where something was trained also "qcfs", "qcfs_fitted"
  /// (that network spiking) and "tuned". Spiking networks are measured as integer Programs.
  std::string name;
  double seconds = 0;                         ///< the stage's own work, its evaluation left out
  std::optional<double> accuracy, agreement;  ///< with the labels, with the ANN; empty without evaluation data
  int epochs = 0;
};
template <class Visit>
void visit_fields(const Stage& stage, const Visit& visit) {
  visit("name", stage.name);
  visit("accuracy", stage.accuracy);
  visit("agreement", stage.agreement);
  visit("seconds", stage.seconds);
  visit("epochs", stage.epochs);
}

enum class Labels { given, ann };
inline std::string name_of(Labels labels) { return labels == Labels::ann ? "ann" : "given"; }

struct Conversion {
  /// The calibrated QCFS graph, its batch norms and weights as they were trained: see ConvertOptions::calibrated. Empty
  /// where nothing was calibrated.
  ir::Graph live;
  ir::Graph qcfs;                ///< that graph folded and on the integer grid
  ir::Graph spiking;             ///< the chosen network: IF, float, on the grid
  compiler::Lowered lowered;     ///< its integer Program with its proofs and rounding report
  std::string chosen_stage;      ///< the stage that it comes from
  std::vector<LayerFit> layers;  ///< how layers were fitted, in order
  std::int64_t fit_images = 0;   ///< to which they were fitted
  double seconds = 0;            ///< of all stages, without evaluations
  std::int64_t peak_bytes = 0;   ///< largest resident memory of the process until then
  std::vector<Stage> stages;
  std::vector<training::EpochStatistics> epochs;  ///< of the calibration
  std::vector<double> held_out_accuracy;  ///< of the Program: at the start, then after every epoch of the calibration
  int chosen_epoch = 0;                   ///< 0: the start
  double start_handicap = 0;              ///< see CalibrateResult
  std::optional<FineTuneResult> tuning;
  /// Accuracy of the Programs to choose from on images that were kept back from training, by stage.
  std::map<std::string, std::optional<double>> held_out_by_stage;
  Attribution attribution;  ///< of the synchronous mode; empty when not asked for
  Settings settings;        ///< as they were given: with the same data they make the same network again
  std::int64_t levels = 0;  ///< L
  std::int64_t images = 0;  ///< of the calibration
  /// Where the labels come from by which epochs and rounds are chosen, and those that accuracies refer to. Without
  /// labels, what is called accuracy is agreement with the ANN.
  Labels calibration_labels = Labels::given, evaluation_labels = Labels::given;
  std::optional<metrics::Evaluation> evaluation;  ///< of the Program on `cpu`, when there is evaluation data
};
template <class Visit>
void visit_fields(const Conversion& conversion, const Visit& visit) {
  visit("timesteps", conversion.lowered.program.timesteps);
  visit("levels", conversion.levels);
  visit("mode", name_of(conversion.settings.mode));
  visit("settings", conversion.settings);
  for (const Stage& stage : conversion.stages) visit(stage.name + "_accuracy", stage.accuracy);
  visit("stages", conversion.stages);
  visit("chosen_stage", conversion.chosen_stage);
  visit("conversion_seconds", conversion.seconds);
  visit("peak_bytes", conversion.peak_bytes);
  visit("fit_images", conversion.fit_images);
  visit("layers", conversion.layers);
  visit("calibration_images", conversion.images);
  visit("calibration_labels", name_of(conversion.calibration_labels));
  visit("labels", name_of(conversion.evaluation_labels));
  visit("epochs", conversion.epochs.size());
  visit("chosen_epoch", conversion.chosen_epoch);
  visit("held_out_accuracy", conversion.held_out_accuracy);
  visit("start_handicap", conversion.start_handicap);
  visit("epoch_statistics", conversion.epochs);
  visit("tuning", conversion.tuning);
  visit("attribution", conversion.attribution);
  visit("bounds", conversion.lowered.bounds);
  visit("rounding", conversion.lowered.rounding);
  visit("evaluation", conversion.evaluation);
}

/// ANN graph -> folded -> spiking network fitted to the images -> integer Program, as in docs/conversion.md; with
/// epochs of training also QCFS and fine-tuning through time, whose network is kept only where it is better on images
/// kept back. `calibration` is training data, of which as many images are drawn as the settings say; `evaluation`, if
/// given, is only measured on, never chosen by. Where the calibration images are normalised floats, their largest
/// magnitudes are the range of the input grid. Throws ConversionError when the graph cannot be converted (see
/// passes::diagnose), SettingError when a setting is out of range.
Conversion convert(const ir::Graph& ann, const data::Dataset& calibration, const data::Dataset* evaluation,
                   const ConvertOptions& options, Progress& progress = silent_progress());

}  // namespace neurocuda::conversion
