#include <gtest/gtest.h>

#include <functional>

#include "neurocuda/runtime/backends.hpp"
#include "neurocuda/verify/verify.hpp"
#include "support/expect_error.hpp"
#include "support/random_images.hpp"

namespace neurocuda::verify {
namespace {

using runtime::RunResult;
using testing::expect_error;

constexpr int kImages = 3, kTimesteps = 5;

/// A program with two IF layers or more, and what it does on three images.
struct Example {
  program::Program program;
  RunResult result;
};

const Example& example() {
  static const Example made = [] {
    for (std::uint64_t seed = 0;; ++seed) {
      const auto program = testing::random_program(seed);
      const auto input = testing::random_input(program, kImages, kTimesteps, 1);
      auto result =
          runtime::compile(program, "reference")->run(input, {.timesteps = kTimesteps, .wanted = runtime::kEverything});
      if (result.record().layers.size() >= 2 && result.record().layers.back().neurons > 70)
        return Example{program, result};
    }
  }();
  return made;
}

/// The example compared with itself after `change`; `first_image` is 100.
Verification compare_changed(const std::function<void(RunResult&)>& change) {
  RunResult changed = example().result;
  change(changed);
  Verification verification;
  compare(example().program, example().result, changed, 100, verification);
  return verification;
}

void flip_spike(RunResult& result, std::size_t layer, std::int64_t image, std::int64_t t, std::int64_t neuron) {
  result.record().layers[layer].row(image, t)[neuron / 64] ^= std::uint64_t{1} << (neuron % 64);
}

std::string layer_name(std::size_t layer) {
  return example().program.nodes[static_cast<std::size_t>(example().result.record().layers[layer].node)].name;
}

TEST(Compare, EqualResultsHaveNoDeviationsAndEveryValueIsCounted) {
  const Verification verification = compare_changed([](RunResult&) {});
  const std::int64_t neurons = program::neuron_count(example().program);
  EXPECT_EQ(verification.deviations, 0);
  EXPECT_TRUE(verification.passed());
  EXPECT_FALSE(verification.first_deviation);
  EXPECT_EQ(verification.spikes_compared, kImages * kTimesteps * neurons);
  EXPECT_EQ(verification.membranes_compared, kImages * kTimesteps * neurons);
  EXPECT_EQ(verification.accumulators_compared, example().result.accumulators_by_timestep().size());
}

TEST(Compare, NamesAFlippedSpike) {
  const std::size_t last = example().result.record().layers.size() - 1;
  const auto& layer = example().result.record().layers[last];
  const std::int64_t neuron = 69;
  const Verification verification = compare_changed([&](RunResult& r) { flip_spike(r, last, 2, 3, neuron); });
  EXPECT_EQ(verification.deviations, 1);
  ASSERT_TRUE(verification.first_deviation);
  const Divergence& first = *verification.first_deviation;
  EXPECT_EQ(first.layer, layer_name(last));
  EXPECT_EQ(first.image, 102);
  EXPECT_EQ(first.timestep, 3);
  EXPECT_EQ(first.neuron, neuron);
  EXPECT_EQ(first.quantity, "spike");
  EXPECT_EQ(first.expected, layer.spike(2, 3, neuron));
  EXPECT_EQ(first.actual, 1 - first.expected);
  const Shape& shape = example().program.nodes[static_cast<std::size_t>(layer.node)].shape;
  std::int64_t index = 0;
  for (std::size_t axis = 0; axis < shape.size(); ++axis) index = index * shape[axis] + first.position[axis];
  EXPECT_EQ(index, neuron);
}

TEST(Compare, NamesAChangedMembraneAndAccumulator) {
  const Verification membrane = compare_changed([](RunResult& r) { r.record().layers[0].membrane_row(1, 2)[0] += 7; });
  ASSERT_TRUE(membrane.first_deviation);
  EXPECT_EQ(membrane.first_deviation->quantity, "membrane");
  EXPECT_EQ(membrane.first_deviation->layer, layer_name(0));
  EXPECT_EQ(membrane.first_deviation->actual - membrane.first_deviation->expected, 7);

  const std::int64_t classes = example().result.classes();
  const Verification accumulator = compare_changed(
      [&](RunResult& r) { r.accumulators_by_timestep()[(1 * kTimesteps + 4) * classes + classes - 1] -= 1; });
  ASSERT_TRUE(accumulator.first_deviation);
  EXPECT_EQ(accumulator.first_deviation->quantity, "accumulator");
  EXPECT_EQ(accumulator.first_deviation->layer, example().program.nodes.back().name);
  EXPECT_EQ(accumulator.first_deviation->image, 101);
  EXPECT_EQ(accumulator.first_deviation->timestep, 4);
  EXPECT_EQ(accumulator.first_deviation->neuron, classes - 1);
}

TEST(Compare, OrdersByImageThenTimestepThenLayerThenNeuronThenQuantity) {
  // From the last place to the first: each change is earlier than all before it.
  const std::int64_t classes = example().result.classes();
  const std::vector<std::pair<std::string, std::function<void(RunResult&)>>> changes{
      {"image 2", [](RunResult& r) { flip_spike(r, 0, 2, 0, 0); }},
      {"image 1, timestep 4", [](RunResult& r) { flip_spike(r, 0, 1, 4, 0); }},
      {"accumulator", [&](RunResult& r) { r.accumulators_by_timestep()[(1 * kTimesteps + 3) * classes] += 1; }},
      {"layer 1", [](RunResult& r) { flip_spike(r, 1, 1, 3, 0); }},
      {"membrane 1 of layer 0", [](RunResult& r) { r.record().layers[0].membrane_row(1, 3)[1] += 1; }},
      {"membrane 0 of layer 0", [](RunResult& r) { r.record().layers[0].membrane_row(1, 3)[0] += 1; }},
      {"spike 0 of layer 0", [](RunResult& r) { flip_spike(r, 0, 1, 3, 0); }},
      {"image 0", [](RunResult& r) { r.record().layers[1].membrane_row(0, 4)[0] += 1; }},
  };
  ASSERT_GT(example().result.record().layers[0].neurons, 1);
  for (std::size_t count = 1; count <= changes.size(); ++count) {
    const auto alone = compare_changed(changes[count - 1].second);
    const auto together = compare_changed([&](RunResult& r) {
      for (std::size_t i = 0; i < count; ++i) changes[i].second(r);
    });
    EXPECT_EQ(together.deviations, static_cast<std::int64_t>(count));
    EXPECT_EQ(together.first_deviation->to_string(), alone.first_deviation->to_string()) << changes[count - 1].first;
  }
}

TEST(Compare, CountsEveryDifferingValue) {
  const Verification verification = compare_changed([](RunResult& r) {
    for (auto& word : r.record().layers[0].spikes) word ^= 1;
    for (auto& value : r.accumulators_by_timestep().values()) ++value;
  });
  EXPECT_EQ(verification.deviations, kImages * kTimesteps + example().result.accumulators_by_timestep().size());
}

TEST(Compare, KeepsTheEarliestOverSeveralCalls) {
  RunResult changed = example().result;
  flip_spike(changed, 0, 1, 1, 0);
  Verification verification;
  for (const std::int64_t first_image : {50, 20, 80}) {
    compare(example().program, example().result, changed, first_image, verification);
  }
  EXPECT_EQ(verification.deviations, 3);
  EXPECT_EQ(verification.first_deviation->image, 21);
}

TEST(Compare, RefusesResultsOfDifferentRuns) {
  expect_error<UserError>(
      [] {
        compare_changed(
            [](RunResult& r) { r = RunResult(example().program, kImages, kTimesteps, {.by_timestep = true}); });
      },
      {"cannot be compared"});
  expect_error<UserError>([] { compare_changed([](RunResult& r) { r.record().layers.pop_back(); }); }, {"different"});
  expect_error<UserError>([] { compare_changed([](RunResult& r) { r.record().layers[0].membranes.clear(); }); },
                          {"verify"});
  expect_error<UserError>(
      [] { compare_changed([](RunResult& r) { r = RunResult(example().program, 1, 2, runtime::kEverything); }); },
      {"1 images, 2 timesteps"});
}

TEST(Divergence, PrintsEverythingOnOneLine) {
  Divergence divergence;
  divergence.target = "cpu";
  divergence.layer = "conv1.relu";
  divergence.image = 3;
  divergence.timestep = 5;
  divergence.neuron = 17;
  divergence.position = {0, 2, 1};
  divergence.quantity = "spike";
  divergence.expected = 1;
  EXPECT_EQ(divergence.to_string(),
            "cpu: layer conv1.relu, image 3, timestep 5, neuron 17 at (0, 2, 1): spike 1 expected, 0 found");
}

}  // namespace
}  // namespace neurocuda::verify
