#include <thread>

#include "neurocuda/runtime/backends.hpp"
#include "neurocuda/runtime/executable.hpp"
#include "support/expect_error.hpp"
#include "unit/runtime/one_neuron.hpp"

namespace neurocuda {
namespace {

using program::Mode;
using runtime::RunOptions;
using runtime::RunResult;
using testing::expect_error;

/// Two images, two timesteps, three classes.
RunResult some_result() {
  program::Program program = testing::one_neuron();
  program.nodes.back().shape = {3};
  RunResult result(program, 2, 2, {.by_timestep = true});
  result.accumulators_by_timestep() = Tensor<std::int32_t>({2, 2, 3}, {1, 5, 5, 9, 5, 5, -3, -2, -4, 0, 0, 0});
  return result;
}

TEST(Predictions, SmallestIndexWinsTies) {
  EXPECT_EQ(runtime::predictions(some_result(), 0), (std::vector<std::int64_t>{1, 1}));
  EXPECT_EQ(runtime::predictions(some_result(), 1), (std::vector<std::int64_t>{0, 0}));
}

TEST(Predictions, RefuseATimestepOutsideTheRun) {
  expect_error<UserError>([] { runtime::predictions(some_result(), 2); }, {"timestep 2", "0..1"});
  expect_error<UserError>([] { runtime::predictions(some_result(), -1); }, {"timestep -1"});
}

TEST(Logits, AreAccumulatorTimesScalePerTimestep) {
  program::Program program = testing::one_neuron();
  const auto logits = runtime::logits(program, some_result(), 1);
  EXPECT_EQ(logits, (Tensor<float>({2, 3}, {2.25F, 1.25F, 1.25F, 0, 0, 0})));
  EXPECT_EQ(runtime::logits(program, some_result(), 0)[1], 2.5F);
}

TEST(Timesteps, AreTheProgramsOwnByDefault) {
  EXPECT_EQ(runtime::resolve_timesteps(testing::one_neuron(), {}), 4);
  EXPECT_EQ(runtime::resolve_timesteps(testing::one_neuron(), {.timesteps = 4096}), 4096);
}

TEST(Timesteps, OutOfRangeAreRefused) {
  for (const int timesteps : {-1, 4097, 100000}) {
    expect_error<UserError>([&] { runtime::resolve_timesteps(testing::one_neuron(), {.timesteps = timesteps}); },
                            {std::to_string(timesteps), "1..4096"});
  }
}

TEST(Timesteps, ExactModeNeedsItsOwnProof) {
  // The soft reset keeps the membrane small; without it the drive of all timesteps piles up.
  program::Program program = testing::one_neuron();
  auto& layer = *program.nodes[1].as<program::IfLayer>();
  layer.bias = {1000000};
  layer.theta = {1000100};
  EXPECT_EQ(runtime::resolve_timesteps(program, {.timesteps = 4096}), 4096);
  expect_error<UserError>([&] { runtime::resolve_timesteps(program, {.timesteps = 4096, .mode = Mode::exact}); },
                          {"if1", "int32", "at most 2147 timesteps"});
  const auto executable = runtime::compile(program, "cpu");
  const program::EncodedInput input({1, 3}, std::int8_t{1});
  executable->run(input, {.timesteps = 4096});
  EXPECT_THROW(executable->run(input, {.timesteps = 4096, .mode = Mode::exact}), UserError);
}

class Inputs : public ::testing::TestWithParam<const char*> {
 protected:
  std::unique_ptr<runtime::Executable> executable_ = runtime::compile(testing::one_neuron(), GetParam());
};

TEST_P(Inputs, OfAWrongShapeAreRefused) {
  for (const Shape& shape : {Shape{3}, Shape{1, 4}, Shape{1, 3, 1, 1}, Shape{}}) {
    expect_error<UserError>([&] { executable_->run(program::EncodedInput(shape)); },
                            {to_string(shape), "'one'", "(N, 3)"});
  }
}

TEST_P(Inputs, BeyondTheGridAreRefused) {
  expect_error<UserError>([&] { executable_->run({{1, 3}, {7, -7, 8}}); }, {"value 8", "element 2", "-7..7"});
  EXPECT_NO_THROW(executable_->run({{1, 3}, {7, -7, 0}}));
}

TEST_P(Inputs, SpikeTrainsAreBinaryAndAsLongAsTheRun) {
  program::Program program = testing::one_neuron();
  program.nodes.front().as<program::InputNode>()->encoding = program::InputEncoding::spike_train;
  const auto executable = runtime::compile(program, GetParam());
  expect_error<UserError>(
      [&] {
        executable->run(program::EncodedInput({2, 5, 3}));
      },
      {"(2, 5, 3)", "(N, 4, 3)", "spike train"});
  expect_error<UserError>(
      [&] {
        executable->run(program::EncodedInput({1, 4, 3}, std::int8_t{2}));
      },
      {"value 2", "0..1"});
  EXPECT_NO_THROW(executable->run(program::EncodedInput({2, 5, 3}, std::int8_t{1}), {.timesteps = 5}));
}

TEST_P(Inputs, BadOptionsAreRefused) {
  const program::EncodedInput input({1, 3});
  expect_error<UserError>([&] { executable_->run(input, {.timesteps = -3}); }, {"-3"});
  expect_error<UserError>([&] { executable_->run(input, {.timesteps = 100000}); }, {"100000"});
}

TEST_P(Inputs, MayBeRunFromSeveralThreads) {
  const program::EncodedInput input({4, 3}, std::int8_t{3});
  const RunResult alone = executable_->run(input);
  std::vector<RunResult> results(4);
  {
    std::vector<std::jthread> threads;
    for (RunResult& result : results) threads.emplace_back([&] { result = executable_->run(input); });
  }
  for (const RunResult& result : results) EXPECT_EQ(result.accumulators(), alone.accumulators());
}

INSTANTIATE_TEST_SUITE_P(Executables, Inputs, ::testing::Values("reference", "cpu"));

}  // namespace
}  // namespace neurocuda
