#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "neurocuda/conversion/convert.hpp"
#include "neurocuda/metrics/evaluation.hpp"
#include "neurocuda/program/program.hpp"
#include "neurocuda/runtime/spike_record.hpp"

/// The page about a user's own network (--report): what convert, eval and sweep found, self-contained.
namespace neurocuda::cli::page {

/// One image and what was said of it.
struct Sample {
  std::int64_t image = 0;            ///< its place in the split
  Tensor<std::uint8_t> pixels;       ///< (C, H, W) for image_tag; empty: nothing to look at
  std::optional<std::string> label;  ///< absent: not known
  std::optional<std::string> ann;    ///< the ANN's answer; absent without an ANN
  std::optional<std::string> snn;    ///< the spiking network's answer; absent without one
  bool same() const { return !ann || !snn || *ann == *snn; }
};

/// Accuracy over several conversions with one T each.
struct SeedFigures {
  int timesteps = 0;
  double mean = 0, deviation = 0, sparsity = 0, synops_per_image = 0;
};

struct ModeFigures {
  metrics::Evaluation evaluation;
  std::optional<double> agreement;  ///< with the ANN
};

struct NetworkFacts {
  std::string title;  ///< "resnet.onnx at T = 4"
  std::string intro;  ///< a sentence: which network, which data
  std::string data;   ///< name of the split
  std::int64_t images = 0;
  std::vector<std::string> notices;              ///< what was assumed
  std::optional<double> ann_accuracy;            ///< absent without an ANN; NaN without labels
  std::vector<metrics::Evaluation> evaluations;  ///< one per T, ascending; the last is the one that is shown
  std::vector<double> agreement;   ///< one per evaluation: share of the ANN's answers; empty without an ANN
  std::vector<ModeFigures> modes;  ///< at the T that is shown: as it was run, then in the other mode; or none
  std::vector<SeedFigures> seeds;  ///< of a sweep over several seeds
  const conversion::Conversion* conversion = nullptr;
  const program::Program* program = nullptr;
  std::vector<Sample> samples;
  std::optional<runtime::SpikeRecord> record;  ///< of the first sample
  std::vector<std::string> commands;           ///< to go on with
};

std::string network_page(const NetworkFacts& facts);

}  // namespace neurocuda::cli::page
