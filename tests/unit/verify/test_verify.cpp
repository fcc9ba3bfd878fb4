#include <gtest/gtest.h>

#include <optional>
#include <tuple>

#include "neurocuda/base/interrupt.hpp"
#include "neurocuda/runtime/backends.hpp"
#include "neurocuda/verify/verify.hpp"
#include "support/expect_error.hpp"
#include "support/random_images.hpp"

namespace neurocuda::verify {
namespace {

using runtime::RunResult;
using testing::expect_error;

constexpr int kVerified = 7, kSteps = 6;

RunResult run_all(const runtime::Executable& executable, const data::Dataset& dataset) {
  const auto images = data::normalized(dataset, 0, dataset.size(), dataset.mean, dataset.stddev);
  return executable.run(program::encode(executable.program(), images.view()),
                        {.timesteps = kSteps, .wanted = runtime::kEverything});
}

/// What verify() must find, by asking for every single value in the documented order.
struct BruteForce {
  std::int64_t deviations = 0;
  std::optional<std::tuple<std::int64_t, std::int64_t, std::string, std::int64_t, std::string>> first;

  void note(std::int64_t expected, std::int64_t actual, std::int64_t image, std::int64_t t, const std::string& layer,
            std::int64_t neuron, const std::string& quantity) {
    if (expected == actual) return;
    ++deviations;
    if (!first) first = {image, t, layer, neuron, quantity};
  }
};

BruteForce brute_force(const program::Program& program, const RunResult& expected, const RunResult& actual) {
  BruteForce found;
  const std::int64_t classes = expected.classes();
  for (std::int64_t image = 0; image < kVerified; ++image) {
    for (std::int64_t t = 0; t < kSteps; ++t) {
      for (std::size_t l = 0; l < expected.record().layers.size(); ++l) {
        const auto& a = expected.record().layers[l];
        const auto& b = actual.record().layers[l];
        const std::string& name = program.nodes[static_cast<std::size_t>(a.node)].name;
        for (std::int64_t n = 0; n < a.neurons; ++n) {
          found.note(a.spike(image, t, n), b.spike(image, t, n), image, t, name, n, "spike");
          found.note(a.membrane_row(image, t)[n], b.membrane_row(image, t)[n], image, t, name, n, "membrane");
        }
      }
      for (std::int64_t c = 0; c < classes; ++c) {
        const std::int64_t at = (image * kSteps + t) * classes + c;
        found.note(expected.accumulators_by_timestep()[at], actual.accumulators_by_timestep()[at], image, t,
                   program.nodes.back().name, c, "accumulator");
      }
    }
  }
  return found;
}

TEST(Verify, EqualExecutablesHaveNoDeviations) {
  for (std::uint64_t seed = 0; seed < 40; seed += 10) {
    const auto program = testing::random_image_program(seed);
    const auto dataset = testing::random_images(program, kVerified, seed);
    const auto reference = runtime::compile(program, "reference"), cpu = runtime::compile(program, "cpu");
    for (const auto mode : {program::Mode::synchronous, program::Mode::exact}) {
      const auto verification = verify({reference.get(), cpu.get()}, dataset, {.timesteps = kSteps, .mode = mode});
      EXPECT_TRUE(verification.passed()) << verification.first_deviation->to_string();
      EXPECT_EQ(verification.targets, (std::vector<std::string>{"reference", "cpu"}));
      EXPECT_EQ(verification.images, kVerified);
      EXPECT_EQ(verification.timesteps, kSteps);
      EXPECT_EQ(verification.spikes_compared, kVerified * kSteps * program::neuron_count(program));
      EXPECT_EQ(verification.membranes_compared, verification.spikes_compared);
      EXPECT_EQ(verification.accumulators_compared, kVerified * kSteps * program::channels(program.nodes.back().shape));
    }
  }
}

TEST(Verify, FindsAChangedWeightWhereBruteForceDoes) {
  int caught = 0;
  for (std::uint64_t seed = 0; seed < 200; seed += 10) {
    const auto program = testing::random_image_program(seed);
    const auto dataset = testing::random_images(program, kVerified, seed);
    const auto& layer = program.nodes[1 + seed / 10 % (program.nodes.size() - 1)];
    if (program::groups_of(layer).empty()) continue;
    const auto reference = runtime::compile(program, "reference");
    const auto faulty = runtime::compile(with_changed_weight(program, layer.name, 0, 1), "cpu");
    const auto expected = brute_force(program, run_all(*reference, dataset), run_all(*faulty, dataset));
    for (const std::int64_t batch : {0, 1, 3}) {
      const auto verification =
          verify({reference.get(), faulty.get()}, dataset, {.timesteps = kSteps, .batch_size = batch});
      EXPECT_EQ(verification.deviations, expected.deviations);
      ASSERT_EQ(verification.first_deviation.has_value(), expected.first.has_value());
      if (!expected.first) continue;
      const Divergence& first = *verification.first_deviation;
      EXPECT_EQ(std::tie(first.image, first.timestep, first.layer, first.neuron, first.quantity), *expected.first);
      EXPECT_EQ(first.target, "cpu");
      // Nothing upstream of the changed layer can differ: the layer itself is the first.
      EXPECT_EQ(first.layer, layer.name);
    }
    caught += expected.first.has_value();
  }
  EXPECT_GE(caught, 8);
}

TEST(Verify, NamesTheTargetOfTheEarliestDeviation) {
  const auto program = testing::random_image_program(20);
  const auto dataset = testing::random_images(program, kVerified, 5);
  const auto& output = program.nodes.back().name;
  const auto reference = runtime::compile(program, "reference"), cpu = runtime::compile(program, "cpu");
  const auto faulty = runtime::compile(with_changed_weight(program, program.nodes[1].name, 0, 40), "reference");
  const auto later = runtime::compile(with_changed_weight(program, output, 0, 1), "cpu");
  const auto verification = verify({cpu.get(), reference.get(), later.get(), faulty.get()}, dataset, {.timesteps = 32});
  ASSERT_FALSE(verification.passed());
  EXPECT_EQ(verification.first_deviation->target, "reference");
  EXPECT_EQ(verification.first_deviation->layer, program.nodes[1].name);
}

TEST(Verify, UsesTheProgramsOwnTimestepsAndNormalisation) {
  auto program = testing::random_image_program(3);
  program.timesteps = 4;
  auto* input = program.nodes.front().as<program::InputNode>();
  input->mean.assign(static_cast<std::size_t>(program.nodes.front().shape[0]), 0.25F);
  input->stddev.assign(input->mean.size(), 0.5F);
  auto dataset = testing::random_images(program, 2, 1);
  dataset.mean = {1, 2, 3, 4, 5, 6, 7};  // would be refused if it were used
  const auto reference = runtime::compile(program, "reference");
  EXPECT_EQ(verify({reference.get(), reference.get()}, dataset).timesteps, 4);
}

TEST(Verify, RefusesWhatCannotBeCompared) {
  const auto program = testing::random_image_program(1);
  const auto dataset = testing::random_images(program, 2, 1);
  const auto reference = runtime::compile(program, "reference");
  const auto other = runtime::compile(testing::random_image_program(40), "cpu");
  expect_error<UserError>([&] { verify({reference.get()}, dataset); }, {"1 executable"});
  expect_error<UserError>([&] { verify({reference.get(), other.get()}, dataset); }, {"architecture"});
  expect_error<UserError>(
      [&] {
        verify({reference.get(), reference.get()}, data::load_digits().test);
      },
      {"UCI digits test", "(1, 8, 8)", to_string(program.nodes.front().shape)});
  expect_error<UserError>(
      [&] {
        verify({reference.get(), reference.get()}, data::split(dataset, 0, 0).second);
      },
      {"no images"});
  expect_error<UserError>([&] { verify({reference.get(), reference.get()}, dataset, {.timesteps = 5000}); }, {"5000"});
  expect_error<UserError>([&] { verify({reference.get(), reference.get()}, dataset, {.batch_size = -2}); }, {"-2"});
}

class RecordingProgress : public Progress {
 public:
  void start(std::string_view, std::int64_t total) override { expected = total; }
  void advance(std::int64_t steps, std::string_view) override { done += steps; }
  void finish() override { finished = true; }
  std::int64_t expected = 0, done = 0;
  bool finished = false;
};

TEST(Verify, ReportsProgressAndHonoursInterrupts) {
  const auto program = testing::random_image_program(1);
  const auto dataset = testing::random_images(program, kVerified, 1);
  const auto reference = runtime::compile(program, "reference");
  RecordingProgress progress;
  verify({reference.get(), reference.get()}, dataset, {.batch_size = 2}, progress);
  EXPECT_EQ(progress.expected, kVerified);
  EXPECT_EQ(progress.done, kVerified);
  EXPECT_TRUE(progress.finished);
  request_interrupt();
  EXPECT_THROW(verify({reference.get(), reference.get()}, dataset), Interrupted);
  clear_interrupt();
}

}  // namespace
}  // namespace neurocuda::verify
