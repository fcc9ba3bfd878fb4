#pragma once

#include "conversion_settings.hpp"
#include "neurocuda/conversion/calibrate.hpp"
#include "support/digits_run.hpp"

namespace neurocuda::testing {

/// That network as QCFS with L = 4, its thresholds at the activations' percentiles, nothing calibrated.
inline const ir::Graph& percentile_digits() {
  static const ir::Graph graph = [] {
    return conversion::calibrate(trained_digits(), data::load_digits().train, digits_settings(0)).graph;
  }();
  return graph;
}

}  // namespace neurocuda::testing
