#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "cli/options.hpp"
#include "neurocuda/conversion/convert.hpp"

namespace neurocuda::cli {

/// How to convert; shared by `convert` and `sweep`.
struct ConversionOptions {
  conversion::ConvertOptions convert;
  std::int64_t calibration_images = 0;
  std::string mode = "synchronous", device = "cpu";
  std::string tuning = "auto";
  double synop_weight = 0;
  bool float_weights = false;
};

void add_conversion(CLI::App& app, ConversionOptions& options);

/// The library's options, with what is said once on the command line carried to every stage that needs it.
conversion::ConvertOptions convert_options(const ConversionOptions& options, const CommonOptions& common, int timesteps,
                                           const data::Dataset& calibration);

}  // namespace neurocuda::cli
