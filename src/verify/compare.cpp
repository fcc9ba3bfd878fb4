#include <algorithm>
#include <bit>
#include <optional>

#include "neurocuda/base/error.hpp"
#include "verify/place.hpp"

namespace neurocuda::verify {
namespace {

using runtime::LayerRecord;
using runtime::RunResult;

/// Counts what differs in one run's results and keeps the earliest of it.
class Comparison {
 public:
  explicit Comparison(std::int64_t first_image) : first_image_(first_image) {}

  /// All neurons of a layer on an image at a timestep.
  void spikes(const LayerRecord& expected, const LayerRecord& actual, Place place) {
    const std::int64_t image = place.image, t = place.timestep;
    const std::uint64_t *wanted = expected.row(image, t), *found = actual.row(image, t);
    const std::uint64_t* wanted_signs = expected.is_signed() ? expected.negative_row(image, t) : wanted;
    const std::uint64_t* found_signs = expected.is_signed() ? actual.negative_row(image, t) : found;
    if (std::equal(wanted, wanted + expected.words, found) &&
        std::equal(wanted_signs, wanted_signs + expected.words, found_signs)) {
      return;
    }
    for (std::int64_t word = 0; word < expected.words; ++word) {
      const std::uint64_t differing = (wanted[word] ^ found[word]) | (wanted_signs[word] ^ found_signs[word]);
      if (differing == 0) continue;
      deviations_ += std::popcount(differing);
      place.neuron = word * 64 + std::countr_zero(differing);
      offer(place, expected.spike(image, t, place.neuron), actual.spike(image, t, place.neuron));
    }
  }

  void values(const std::int32_t* expected, const std::int32_t* actual, std::int64_t count, Place place) {
    if (std::equal(expected, expected + count, actual)) return;
    for (std::int64_t i = 0; i < count; ++i) {
      if (expected[i] == actual[i]) continue;
      ++deviations_;
      place.neuron = i;
      offer(place, expected[i], actual[i]);
    }
  }

  std::int64_t deviations() const { return deviations_; }
  const std::optional<Difference>& first() const { return first_; }

 private:
  void offer(Place place, std::int64_t expected, std::int64_t actual) {
    place.image += first_image_;
    if (!first_ || place < first_->place) first_ = Difference{place, expected, actual};
  }

  std::int64_t first_image_;
  std::int64_t deviations_ = 0;
  std::optional<Difference> first_;
};

bool comparable(const LayerRecord& a, const LayerRecord& b) {
  return a.node == b.node && a.images == b.images && a.timesteps == b.timesteps && a.neurons == b.neurons &&
         a.words == b.words && a.is_signed() == b.is_signed() && a.spikes.size() == b.spikes.size() &&
         a.membranes.size() == b.membranes.size();
}

void require_comparable(const RunResult& expected, const RunResult& actual) {
  const bool same = expected.images() == actual.images() && expected.timesteps() == actual.timesteps() &&
                    expected.classes() == actual.classes() &&
                    expected.wanted().recording == actual.wanted().recording &&
                    (expected.wanted().recording == runtime::Recording::none ||
                     std::equal(expected.record().layers.begin(), expected.record().layers.end(),
                                actual.record().layers.begin(), actual.record().layers.end(), comparable));
  if (!same) {
    fail(
        "verify: results of {} images, {} timesteps, {} classes and of {} images, {} timesteps, {} classes or "
        "different "
        "records cannot be compared; run both on the same images with the same timesteps and recording",
        expected.images(), expected.timesteps(), expected.classes(), actual.images(), actual.timesteps(),
        actual.classes());
  }
}

void compare_layer(const LayerRecord& expected, const LayerRecord& actual, Comparison& comparison) {
  for (std::int64_t image = 0; image < expected.images; ++image) {
    for (std::int64_t t = 0; t < expected.timesteps; ++t) {
      comparison.spikes(expected, actual, {image, t, expected.node, 0, Quantity::spike});
      if (expected.membranes.empty()) continue;
      comparison.values(expected.membrane_row(image, t), actual.membrane_row(image, t), expected.neurons,
                        {image, t, expected.node, 0, Quantity::membrane});
    }
  }
}

void compare_accumulators(const RunResult& expected, const RunResult& actual, program::NodeIndex node,
                          Comparison& comparison) {
  for (std::int64_t image = 0; image < expected.images(); ++image) {
    for (std::int64_t t = 0; t < expected.timesteps(); ++t) {
      const auto wanted = expected.accumulators(image, t), found = actual.accumulators(image, t);
      comparison.values(wanted.data(), found.data(), expected.classes(), {image, t, node, 0, Quantity::accumulator});
    }
  }
}

}  // namespace

void compare(const program::Program& program, const RunResult& expected, const RunResult& actual,
             std::int64_t first_image, Verification& verification) {
  require_comparable(expected, actual);
  Comparison comparison(first_image);
  if (expected.wanted().recording != runtime::Recording::none) {
    for (std::size_t i = 0; i < expected.record().layers.size(); ++i) {
      const LayerRecord& layer = expected.record().layers[i];
      compare_layer(layer, actual.record().layers[i], comparison);
      verification.spikes_compared += layer.images * layer.timesteps * layer.neurons;
      verification.membranes_compared += static_cast<std::int64_t>(layer.membranes.size());
    }
  }
  compare_accumulators(expected, actual, static_cast<program::NodeIndex>(program.nodes.size() - 1), comparison);
  verification.accumulators_compared += expected.images() * expected.timesteps() * expected.classes();
  verification.deviations += comparison.deviations();

  const auto& first = comparison.first();
  if (!first) return;
  auto& known = verification.first_deviation;
  if (!known || first->place < place_of(program, *known)) known = describe(program, *first);
}

}  // namespace neurocuda::verify
