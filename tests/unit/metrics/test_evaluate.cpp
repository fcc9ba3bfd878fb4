#include <gtest/gtest.h>

#include <atomic>
#include <cmath>

#include "neurocuda/base/interrupt.hpp"
#include "neurocuda/metrics/evaluation.hpp"
#include "neurocuda/runtime/backends.hpp"
#include "support/expect_error.hpp"
#include "support/random_images.hpp"

namespace neurocuda::metrics {
namespace {

using program::Mode;
using testing::expect_error;

/// Two pixels, an IF neuron for each, two classes. A white pixel fires at every step, one of value 51 first at step 3,
/// a black one never.
program::Program two_neurons() {
  program::InputNode input;
  input.scale = {0.01};
  const auto group = [](program::NodeIndex source, std::vector<std::int8_t> weight) {
    return program::SynapseGroup{"fc", source, program::Linear{Tensor<std::int8_t>({2, 2}, std::move(weight))}, {0, 0}};
  };
  program::Program program;
  program.timesteps = 4;
  program.nodes = {{"input", {1, 1, 2}, input},
                   {"hidden", {2}, program::IfLayer{{group(0, {1, 0, 0, 1})}, {0, 0}, {100, 100}, {50, 50}, {1, 1}}},
                   {"output", {2}, program::Accumulator{{group(1, {1, -1, -1, 1})}, {0, 0}, 1.0}}};
  return program;
}

data::Dataset two_images() {
  data::Dataset dataset;
  dataset.name = "two images";
  dataset.classes = 2;
  dataset.images = Tensor<std::uint8_t>({2, 1, 1, 2}, {255, 0, 0, 51});
  dataset.labels = {0, 1};
  return dataset;
}

TEST(Evaluate, MatchesAHandCalculation) {
  for (const char* target : {"reference", "cpu"}) {
    const auto executable = runtime::compile(two_neurons(), target);
    const Evaluation evaluation = evaluate(*executable, two_images());
    EXPECT_EQ(evaluation.timesteps, 4);
    EXPECT_EQ(evaluation.images, 2);
    EXPECT_EQ(evaluation.predictions, (std::vector<std::int64_t>{0, 1}));
    EXPECT_EQ(evaluation.correct, 2);
    EXPECT_DOUBLE_EQ(evaluation.accuracy, 1.0);
    // Logits 1, -1 and -1/4, 1/4.
    EXPECT_NEAR(evaluation.cross_entropy, (std::log1p(std::exp(-2.0)) + std::log1p(std::exp(-0.5))) / 2, 1e-7);
    // The first image: 4 spikes of neuron 0; the second: 1 spike of neuron 1. Each reaches two weights.
    EXPECT_DOUBLE_EQ(evaluation.spikes_per_image, 2.5);
    EXPECT_DOUBLE_EQ(evaluation.sparsity, 1.0 - 5.0 / 16.0);
    EXPECT_DOUBLE_EQ(evaluation.synops_per_image, 5.0);
    EXPECT_DOUBLE_EQ(evaluation.dense_macs_per_image, 8.0);
    EXPECT_DOUBLE_EQ(evaluation.input_macs_per_image, 4.0);
    EXPECT_GT(evaluation.images_per_second, 0.0);
    EXPECT_EQ(evaluation.target, target);
    EXPECT_EQ(evaluation.isa, executable->isa());
    EXPECT_EQ(evaluation.data, "two images");
    EXPECT_EQ(evaluation.mode, "synchronous");
  }
}

TEST(Evaluate, ListsTheLayersAndTheOutput) {
  const auto executable = runtime::compile(two_neurons(), "reference");
  const Evaluation evaluation = evaluate(*executable, two_images());
  ASSERT_EQ(evaluation.layers.size(), 2U);
  const LayerStatistics& hidden = evaluation.layers[0];
  EXPECT_EQ(hidden.layer, "hidden");
  EXPECT_EQ(hidden.neurons, 2);
  EXPECT_DOUBLE_EQ(hidden.sparsity, 1.0 - 5.0 / 16.0);
  EXPECT_DOUBLE_EQ(hidden.spikes_per_image, 2.5);
  EXPECT_DOUBLE_EQ(hidden.synops_per_image, 0.0);        // a constant current is no synaptic operation
  EXPECT_DOUBLE_EQ(hidden.dense_synops_per_image, 4.0);  // and is computed once
  const LayerStatistics& output = evaluation.layers[1];
  EXPECT_EQ(output.layer, "output");
  EXPECT_EQ(output.neurons, 0);
  EXPECT_DOUBLE_EQ(output.spikes_per_image, 0.0);
  EXPECT_DOUBLE_EQ(output.synops_per_image, 5.0);
  EXPECT_DOUBLE_EQ(output.dense_synops_per_image, 16.0);
}

TEST(EvaluateTimesteps, TakesPrefixesOfOneRun) {
  const auto executable = runtime::compile(two_neurons(), "cpu");
  const auto sweep = evaluate_timesteps(*executable, two_images(), {4, 2, 3});
  ASSERT_EQ(sweep.size(), 3U);
  EXPECT_EQ(sweep[0].timesteps, 4);
  EXPECT_EQ(sweep[1].timesteps, 2);
  EXPECT_EQ(sweep[2].timesteps, 3);
  // The second image is silent until step 3: both accumulators are 0 and the smaller class wins.
  EXPECT_EQ(sweep[1].predictions, (std::vector<std::int64_t>{0, 0}));
  EXPECT_DOUBLE_EQ(sweep[1].accuracy, 0.5);
  EXPECT_DOUBLE_EQ(sweep[1].sparsity, 1.0 - 2.0 / 8.0);
  EXPECT_DOUBLE_EQ(sweep[1].synops_per_image, 2.0);
  EXPECT_DOUBLE_EQ(sweep[2].accuracy, 1.0);
  EXPECT_DOUBLE_EQ(sweep[2].spikes_per_image, 2.0);
  EXPECT_DOUBLE_EQ(sweep[1].layers[1].dense_synops_per_image, 8.0);
}

/// Counts the runs of another executable.
class CountingExecutable : public runtime::Executable {
 public:
  explicit CountingExecutable(const program::Program& program) : inner_(runtime::compile(program, "reference")) {}
  std::string_view target() const override { return inner_->target(); }
  std::string isa() const override { return inner_->isa(); }
  const program::Program& program() const override { return inner_->program(); }
  runtime::RunResult run(const program::EncodedInput& input, const runtime::RunOptions& options) const override {
    ++runs;
    return inner_->run(input, options);
  }
  mutable std::atomic<int> runs = 0;

 protected:
  std::unique_ptr<runtime::Stream> make_stream(std::int64_t images, const runtime::RunOptions& options) const override {
    return inner_->open(images, options);
  }

 private:
  std::unique_ptr<runtime::Executable> inner_;
};

TEST(EvaluateTimesteps, RunsOnceInSynchronousAndPerTInExactMode) {
  const CountingExecutable executable(two_neurons());
  evaluate_timesteps(executable, two_images(), {1, 2, 4});
  EXPECT_EQ(executable.runs, 1);
  executable.runs = 0;
  const auto exact = evaluate_timesteps(executable, two_images(), {1, 2, 4}, {.mode = Mode::exact});
  EXPECT_EQ(executable.runs, 3);
  // 4 inputs of 20 on top of v0 = 50 are one spike of 100; 2 are none.
  EXPECT_EQ(exact[2].mode, "exact");
  EXPECT_DOUBLE_EQ(exact[2].spikes_per_image, 2.5);
  EXPECT_DOUBLE_EQ(exact[1].spikes_per_image, 1.0);
  executable.runs = 0;
  evaluate(executable, two_images(), {.batch_size = 1});
  EXPECT_EQ(executable.runs, 2);
}

TEST(EvaluateTimesteps, EqualsSeparateRuns) {
  const auto program = testing::random_image_program(4);
  const auto dataset = testing::random_images(program, 9, 4);
  const auto executable = runtime::compile(program, "cpu");
  const std::vector<int> timesteps{1, 3, 8};
  const auto sweep = evaluate_timesteps(*executable, dataset, timesteps, {.batch_size = 4});
  for (std::size_t i = 0; i < timesteps.size(); ++i) {
    const auto alone = evaluate(*executable, dataset, {.timesteps = timesteps[i]});
    EXPECT_EQ(sweep[i].predictions, alone.predictions);
    EXPECT_EQ(sweep[i].spikes_per_image, alone.spikes_per_image);
    EXPECT_EQ(sweep[i].synops_per_image, alone.synops_per_image);
    EXPECT_EQ(sweep[i].sparsity, alone.sparsity);
  }
}

TEST(Evaluate, RefusesWhatDoesNotFit) {
  const auto executable = runtime::compile(two_neurons(), "reference");
  expect_error<UserError>([&] { evaluate(*executable, data::load_digits().test); },
                          {"UCI digits test", "(1, 8, 8)", "(1, 1, 2)"});
  expect_error<UserError>([&] { evaluate(*executable, two_images(), {.batch_size = 0}); }, {"batch size 0"});
  expect_error<UserError>([&] { evaluate(*executable, two_images(), {.timesteps = -1}); }, {"-1"});
  expect_error<UserError>([&] { evaluate_timesteps(*executable, two_images(), {4, 100000}); }, {"100000"});
  expect_error<UserError>([&] { evaluate_timesteps(*executable, two_images(), {}); }, {"no timesteps"});
  expect_error<UserError>([&] { evaluate(*executable, data::split(two_images(), 0, 0).second); }, {"no images"});
}

TEST(Evaluate, HonoursInterrupts) {
  const auto executable = runtime::compile(two_neurons(), "reference");
  request_interrupt();
  EXPECT_THROW(evaluate(*executable, two_images()), Interrupted);
  clear_interrupt();
}

TEST(Agreement, IsTheShareOfEqualAnswers) {
  const std::vector<std::int64_t> a{1, 2, 3, 4}, b{1, 0, 3, 0};
  EXPECT_EQ(agreement(a, b), 0.5);
  EXPECT_EQ(agreement(a, a), 1);
  EXPECT_EQ(agreement({}, {}), 0);
  EXPECT_THROW(agreement(a, {}), InternalError);
}

}  // namespace
}  // namespace neurocuda::metrics
