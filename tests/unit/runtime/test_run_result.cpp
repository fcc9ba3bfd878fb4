// What was not asked of a run cannot be read by accident: the error says what to ask for.
#include "neurocuda/runtime/backends.hpp"
#include "support/expect_error.hpp"
#include "unit/runtime/one_neuron.hpp"

namespace neurocuda::runtime {
namespace {

using neurocuda::testing::expect_error;

constexpr std::int64_t kImages = 2;

RunResult run(const Wanted& wanted) {
  const program::EncodedInput input({kImages, 3}, std::int8_t{3});
  return compile(neurocuda::testing::one_neuron(), "reference")->run(input, {.wanted = wanted});
}

TEST(RunResult, ByDefaultKeepsTheLastAccumulatorsAlone) {
  const RunResult result = run({});
  EXPECT_EQ(result.images(), kImages);
  EXPECT_EQ(result.timesteps(), 4);
  EXPECT_EQ(result.classes(), 2);
  EXPECT_EQ(result.accumulators().shape(), (Shape{kImages, 2}));
  EXPECT_EQ(predictions(result).size(), 2U);
  expect_error<UserError>([&] { result.accumulators_by_timestep(); }, {"run with by_timestep"});
  expect_error<UserError>([&] { predictions(result, 1); }, {"after timestep 1", "run with by_timestep"});
  expect_error<UserError>([&] { logits(neurocuda::testing::one_neuron(), result, 0); }, {"run with by_timestep"});
  expect_error<UserError>([&] { result.accumulators(0, 4); }, {"timestep 4", "0..3"});
  expect_error<UserError>([&] { result.activity(); }, {"did not count", "run with counts"});
  expect_error<UserError>([&] { result.record(); }, {"recorded nothing", "record"});
}

TEST(RunResult, TheLastTimestepIsTheSameEitherWay) {
  const RunResult last = run({}), all = run({.by_timestep = true});
  EXPECT_EQ(last.accumulators(), all.accumulators());
  EXPECT_EQ(all.accumulators_by_timestep().shape(), (Shape{kImages, 4, 2}));
  EXPECT_EQ(logits(neurocuda::testing::one_neuron(), last), logits(neurocuda::testing::one_neuron(), all, 3));
  EXPECT_NE(all.accumulators(0, 0)[0], all.accumulators(0, 3)[0]);
}

TEST(RunResult, HoldsWhatWasAskedFor) {
  const RunResult counted = run({.counts = true});
  EXPECT_GT(counted.activity().spikes[4], 0);
  expect_error<UserError>([&] { counted.record(); }, {"recorded nothing"});
  const RunResult spikes = run({.recording = Recording::spikes});
  EXPECT_EQ(spikes.record().layers.size(), 1U);
  expect_error<UserError>([&] { spikes.record().layers[0].membrane_row(0, 0); }, {"recorded no membranes"});
  expect_error<UserError>([&] { spikes.activity(); }, {"run with counts"});
  EXPECT_NO_THROW(run(kEverything).record().layers[0].membrane_row(0, 0));
}

}  // namespace
}  // namespace neurocuda::runtime
