#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "neurocuda/base/progress.hpp"
#include "neurocuda/data/dataset.hpp"
#include "neurocuda/runtime/executable.hpp"

namespace neurocuda::verify {

/// The earliest place where two executables differ: smallest image, then timestep, then layer (the output last), then
/// neuron; a spike before the membrane of the same neuron.
struct Divergence {
  std::string target;  ///< the executable that differs from the first; empty from compare() alone
  std::string layer;
  std::int64_t image = 0, timestep = 0, neuron = 0;
  Shape position;        ///< (c, y, x) or (c,)
  std::string quantity;  ///< "spike", "membrane" or "accumulator"
  std::int64_t expected = 0, actual = 0;
  /// "cpu: layer conv1.relu, image 3, timestep 5, neuron 17 at (0, 2, 1): spike 1 expected, 0 found"
  std::string to_string() const;
};
template <class Visit>
void visit_fields(const Divergence& divergence, const Visit& visit) {
  visit("target", divergence.target);
  visit("layer", divergence.layer);
  visit("image", divergence.image);
  visit("timestep", divergence.timestep);
  visit("neuron", divergence.neuron);
  visit("position", divergence.position);
  visit("quantity", divergence.quantity);
  visit("expected", divergence.expected);
  visit("actual", divergence.actual);
  visit("text", divergence.to_string());
}

struct Verification {
  std::vector<std::string> targets;  ///< the first is the one that the others are compared with
  std::int64_t images = 0;
  int timesteps = 0;
  std::int64_t spikes_compared = 0, membranes_compared = 0, accumulators_compared = 0;
  std::int64_t deviations = 0;  ///< differing spikes, membranes and accumulators together
  std::optional<Divergence> first_deviation;
  bool passed() const { return deviations == 0; }
};
template <class Visit>
void visit_fields(const Verification& verification, const Visit& visit) {
  visit("targets", verification.targets);
  visit("images", verification.images);
  visit("timesteps", verification.timesteps);
  visit("spikes_compared", verification.spikes_compared);
  visit("membranes_compared", verification.membranes_compared);
  visit("accumulators_compared", verification.accumulators_compared);
  visit("deviations", verification.deviations);
  visit("first_deviation", verification.first_deviation);
  visit("passed", verification.passed());
}

struct VerifyOptions {
  int timesteps = 0;  ///< 0: the Program's own
  int threads = 0;
  program::Mode mode = program::Mode::synchronous;
  std::int64_t batch_size = 0;  ///< 0: chosen so that the records take at most 256 MB (at least one image)
};

/// Runs every executable on the same encoded images and compares every spike, membrane and accumulator with those of
/// the first. The executables' programs must have the same node shapes, not the same weights: this is also how a
/// changed weight is found. UserError with fewer than two executables, programs of different shapes, no images, or
/// images that do not fit.
Verification verify(const std::vector<const runtime::Executable*>& executables, const data::Dataset& dataset,
                    const VerifyOptions& options = {}, Progress& progress = silent_progress());

/// Compares two results of one program, adding to `verification`; `first_image` is the index of the batch's first
/// image. Both have the accumulators by timestep and have recorded the same (nothing, spikes, or spikes and
/// membranes) over the same images and timesteps, otherwise UserError.
void compare(const program::Program& program, const runtime::RunResult& expected, const runtime::RunResult& actual,
             std::int64_t first_image, Verification& verification);

/// A copy of the Program with one weight of one layer's first group changed by `delta`, or by -delta where that would
/// leave -127..127: a fault for testing the verification itself. `weight` counts in row-major order. UserError when
/// there is no such layer or weight, or neither change fits.
program::Program with_changed_weight(const program::Program& program, const std::string& layer, std::int64_t weight,
                                     int delta);

}  // namespace neurocuda::verify
