#pragma once

#include "digits_run.hpp"
#include "neurocuda/conversion/calibrate.hpp"

namespace neurocuda::testing {

/// That network as QCFS with L = 4, its thresholds at the activations' percentiles, nothing calibrated.
inline const ir::Graph& percentile_digits() {
  static const ir::Graph graph = [] {
    conversion::CalibrateOptions options;
    options.epochs = 0;
    options.levels = 4;
    options.compute.threads = 1;
    return conversion::calibrate(trained_digits(), data::load_digits().train, options).graph;
  }();
  return graph;
}

}  // namespace neurocuda::testing
