#pragma once

#include <filesystem>
#include <vector>

#include "cli/fault.hpp"
#include "cli/options.hpp"
#include "neurocuda/conversion/convert.hpp"
#include "neurocuda/network/evaluate.hpp"
#include "neurocuda/training/train.hpp"
#include "neurocuda/verify/verify.hpp"

/// What `neurocuda demo` does, step by step, without a word of output.
namespace neurocuda::cli {

/// The Program that demo writes as snn.nir, draws and injects the fault into.
inline constexpr int kShownTimesteps = 16;

struct DemoOptions {
  CommonOptions common;
  std::filesystem::path folder = "out/demo";
  int epochs = 20;
  std::vector<int> timesteps = {4, 8, 16, 32};

  std::filesystem::path ann_path() const { return folder / "ann.onnx"; }
  std::filesystem::path snn_path() const { return folder / "snn.nir"; }
  std::filesystem::path report_path() const { return folder / "report.html"; }
};

/// One conversion: everything that was measured for one T.
struct DemoRun {
  int timesteps = 0;
  conversion::Conversion conversion;
  std::vector<metrics::Evaluation> evaluations;  ///< on reference, then on cpu
  verify::Verification verification;             ///< reference = cpu
};

/// One weight changed by 1, and what the verification said to it.
struct DemoFault {
  Fault fault;
  std::int64_t channel = 0;  ///< the output channel that reads through the changed weight
  verify::Verification verification;
  /// Caught, and blamed on a neuron of the layer and channel that the weight belongs to.
  bool caught() const;
};

/// Every spike of one test image.
struct DemoRaster {
  std::int64_t image = 0, label = 0, prediction = 0;
  Tensor<std::uint8_t> pixels;  ///< (1, 8, 8)
  runtime::SpikeRecord record;
};

struct Demo {
  data::Splits data;
  training::TrainResult ann;
  network::FloatEvaluation ann_evaluation;
  std::vector<DemoRun> runs;
  DemoFault fault;
  DemoRaster raster;
  double seconds = 0;

  const DemoRun& shown() const;           ///< the run at kShownTimesteps
  std::int64_t neuron_timesteps() const;  ///< spikes compared in all verifications
  std::int64_t deviations() const;
};

/// Trains, converts at every T, evaluates, verifies (at kShownTimesteps between the program in memory and the one read
/// back from snn.nir), injects a fault; writes ann.onnx and snn.nir.
Demo run_demo(const DemoOptions& options, Progress& progress);

}  // namespace neurocuda::cli
