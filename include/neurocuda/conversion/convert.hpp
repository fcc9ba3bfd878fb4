#pragma once

#include <optional>
#include <string>
#include <vector>

#include "neurocuda/compiler/compiler.hpp"
#include "neurocuda/conversion/attribution.hpp"
#include "neurocuda/conversion/calibrate.hpp"
#include "neurocuda/conversion/evaluate.hpp"
#include "neurocuda/conversion/finetune.hpp"
#include "neurocuda/correction/bias_correction.hpp"
#include "neurocuda/metrics/evaluation.hpp"

namespace neurocuda::conversion {

struct ConvertOptions {
  int timesteps = 32;
  std::int64_t levels = 0;  ///< L of QCFS; 0: chosen from the timesteps (see default_levels)
  CalibrateOptions calibrate;
  /// A QCFS network that an earlier conversion of the same ANN calibrated (Conversion::live): it is taken instead of
  /// calibrating anew, whatever its T was, and brings its L.
  std::optional<ir::Graph> calibrated;
  FinetuneOptions finetune;
  /// Of the fine-tuning, in place of what `finetune` says. Empty: default_gradient(timesteps), none without calibration
  /// epochs; default_weights.
  std::optional<Gradient> gradient;
  std::optional<double> rate_matching, tune_distillation;
  compiler::LowerOptions lower;
  program::Mode mode = program::Mode::synchronous;
  /// Of the biases, for the synchronous mode, where fine-tuning has not changed the network; its timesteps, seed
  /// and threads are those here, its held-out images those of the calibration. 0 rounds: none.
  correction::BiasCorrectionOptions correction;
  std::int64_t attribution_images = 128;  ///< calibration images on which errors are attributed; 0: not at all
  std::uint64_t seed = 0;
  ComputeOptions compute;
};

/// Accuracy and cost of one stage of the conversion, on the evaluation data.
struct Stage {
  std::string name;  ///< "ann", "folded", "percentile", "qcfs", "if_float", "tuned", "if_integer", "corrected"; "tuned"
                     ///< and "corrected" only where that was done
  double seconds = 0;              ///< the stage's own work, its evaluation left out
  std::optional<double> accuracy;  ///< empty without evaluation data
  int epochs = 0;
};

struct Conversion {
  ir::Graph live;             ///< the calibrated QCFS graph, its batch norms and weights as they were trained: see
                              ///< ConvertOptions::calibrated
  ir::Graph qcfs, spiking;    ///< that graph folded and on the integer grid, and its IF form, float
  compiler::Lowered lowered;  ///< the integer Program, corrected, with its proofs and rounding report
  std::vector<Stage> stages;
  std::vector<EpochStatistics> epochs;    ///< of the calibration
  std::vector<double> held_out_accuracy;  ///< of the Program: at the start, then after every epoch of the calibration
  int chosen_epoch = 0;                   ///< 0: the start
  double start_handicap = 0;              ///< see CalibrateResult
  std::optional<FinetuneResult> tuning;
  std::optional<correction::BiasCorrection> correction;
  std::vector<LayerAttribution> attribution;  ///< of the synchronous mode; empty when not asked for
  std::int64_t levels = 0;
  std::optional<metrics::Evaluation> evaluation;  ///< of the Program on `cpu`, when there is evaluation data
};

/// L for a target T: 4 up to T = 8, 8 beyond. Low L keeps the rounding of QCFS and the rate code of few timesteps
/// alike.
std::int64_t default_levels(int timesteps);

/// ANN graph -> folded -> QCFS -> IF -> fine-tuned -> integer Program -> corrected, as in docs/conversion.md.
/// `calibration` is training data; `evaluation`, if given, is only measured on, never chosen by. Where the calibration
/// images are normalised floats, their largest magnitudes are the range of the input grid. Throws ConversionError when
/// the graph cannot be converted (see passes::diagnose).
Conversion convert(const ir::Graph& ann, const data::Dataset& calibration, const data::Dataset* evaluation,
                   const ConvertOptions& options, Progress& progress = silent_progress());

}  // namespace neurocuda::conversion
