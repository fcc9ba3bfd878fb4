#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "conformance/tiny_program.hpp"
#include "neurocuda/runtime/backends.hpp"
#include "neurocuda/runtime/early_exit.hpp"
#include "support/expect_error.hpp"
#include "support/random_program.hpp"

namespace neurocuda {
namespace {

using namespace runtime;
using program::EncodedInput;
using testing::TinyProgram;

/// Two inputs straight into neurons that fire at every timestep when their input is 10, and `weights` (2, 2) behind.
program::Program two_classes(std::vector<std::int8_t> weights, int timesteps) {
  program::Accumulator output;
  output.groups.push_back(TinyProgram::group(1, program::Linear{Tensor<std::int8_t>({2, 2}, std::move(weights))}, 2));
  output.bias = {0, 0};
  output.scale = 0.5;
  TinyProgram program({2}, program::InputEncoding::constant_current, timesteps);
  program.layer({2}, {TinyProgram::group(0, program::Linear{Tensor<std::int8_t>({2, 2}, {1, 0, 0, 1})}, 2)}, 10);
  program::Program made = program.count();
  made.nodes.back() = {"output", {2}, output};
  return made;
}

TEST(EarlyExit, TheLeadIsThatOfTheAccumulators) {
  EXPECT_DOUBLE_EQ(lead(std::vector<std::int32_t>{3, 9, -4}, 0.5), 6 * 0.5);
  EXPECT_DOUBLE_EQ(lead(std::vector<std::int32_t>{7, 7}, 0.5), 0);
  EXPECT_EQ(lead(std::vector<std::int32_t>{7}, 0.5), std::numeric_limits<double>::infinity());
}

TEST(EarlyExit, StopsExactlyWhenTheRestCannotChangeTheAnswer) {
  const program::Program program = two_classes({4, -1, 3, 3}, 10);
  const ExactExit rule(program);
  for (int done = 1; done < 10; ++done) {
    const std::int32_t needed =
        4 * (10 - done);  // what class 1 gains while neuron 1 alone fires; a tie is won by class 0
    EXPECT_TRUE(rule.stops(std::vector<std::int32_t>{needed, 0}, done, 10)) << done;
    EXPECT_FALSE(rule.stops(std::vector<std::int32_t>{needed - 1, 0}, done, 10)) << done;
    // Class 0 gains 1 on class 1 at most, while neuron 0 alone fires, and wins a tie.
    EXPECT_TRUE(rule.stops(std::vector<std::int32_t>{0, 10 - done + 1}, done, 10)) << done;
    EXPECT_FALSE(rule.stops(std::vector<std::int32_t>{0, 10 - done}, done, 10)) << done;
  }
}

TEST(EarlyExit, BiasesStillToComeCount) {
  program::Program program = two_classes({0, 0, 0, 0}, 4);
  auto& output = *program.nodes.back().as<program::Accumulator>();
  output.bias_by_timestep = Tensor<std::int32_t>({4, 2}, {0, 0, 0, 0, 0, 0, 0, 50});
  output.bias = {0, 12};
  const ExactExit rule(program);
  EXPECT_FALSE(rule.stops(std::vector<std::int32_t>{49, 0}, 3, 4));
  EXPECT_TRUE(rule.stops(std::vector<std::int32_t>{50, 0}, 3, 4));
  EXPECT_FALSE(rule.stops(std::vector<std::int32_t>{49, 0}, 1, 4));
}

TEST(EarlyExit, TheExactRuleNeverChangesAnAnswer) {
  std::int64_t early = 0;
  for (std::uint64_t seed = 500; seed < 620; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    const program::Program program = testing::random_program(seed);
    const int timesteps = 13;
    const EncodedInput input = testing::random_input(program, 6, timesteps, seed);
    const auto executable = compile(program, "cpu");
    const RunOptions options{timesteps, 1};
    const EarlyExit exit = run_with_early_exit(*executable, input, options, ExactExit(program));
    EXPECT_EQ(exit.classes, predictions(executable->run(input, options)));
    for (const int ran : exit.timesteps) {
      EXPECT_GE(ran, 1);
      EXPECT_LE(ran, timesteps);
      early += ran < timesteps ? 1 : 0;
    }
  }
  EXPECT_GT(early, 50);
}

/// What an image answers is what the whole run answers after the timesteps that the image ran, on every target.
TEST(EarlyExit, AnswersAreThoseOfTheRunAtThatTimestep) {
  for (const char* target : {"reference", "cpu"}) {
    for (std::uint64_t seed = 700; seed < 720; ++seed) {
      const program::Program program = testing::random_program(seed);
      const EncodedInput input = testing::random_input(program, 5, 12, seed);
      const auto executable = compile(program, target);
      RunOptions options{12, 2};
      options.wanted.by_timestep = true;
      const RunResult whole = executable->run(input, options);
      const double scale = program.output().scale;
      const double margin = lead(whole.accumulators(2, 3), scale);
      if (!std::isfinite(margin)) continue;
      for (const int block : {1, 5}) {
        const EarlyExit exit = run_with_early_exit(*executable, input, options, MarginExit(program, margin), block);
        for (std::int64_t image = 0; image < 5; ++image) {
          const int ran = exit.timesteps[static_cast<std::size_t>(image)];
          EXPECT_TRUE(ran % block == 0 || ran == 12);
          EXPECT_EQ(exit.classes[static_cast<std::size_t>(image)],
                    predictions(whole, ran - 1)[static_cast<std::size_t>(image)]);
          EXPECT_TRUE(ran == 12 || lead(whole.accumulators(image, ran - 1), scale) >= margin);
          for (int t = block; t < ran; t += block) EXPECT_LT(lead(whole.accumulators(image, t - 1), scale), margin);
        }
      }
    }
  }
}

TEST(EarlyExit, MarginsFromNothingToEverything) {
  const program::Program program = two_classes({4, -1, 3, 3}, 8);
  const auto executable = compile(program, "cpu");
  const EncodedInput input({1, 2}, std::vector<std::int8_t>{10, 10});
  EXPECT_EQ(run_with_early_exit(*executable, input, {}, MarginExit(program, 0)).timesteps, std::vector<int>{1});
  const MarginExit never(program, std::numeric_limits<double>::infinity());
  EXPECT_EQ(run_with_early_exit(*executable, input, {}, never).timesteps, std::vector<int>{8});
}

TEST(EarlyExit, Refusals) {
  const program::Program program = two_classes({4, -1, 3, 3}, 8);
  testing::expect_error<UserError>([&] { MarginExit(program, -1); }, {"margin of -1", "0 or more"});
  testing::expect_error<UserError>([&] { MarginExit(program, std::nan("")); }, {"nan"});
  const auto executable = compile(program, "cpu");
  const EncodedInput input({1, 2}, std::vector<std::int8_t>{10, 10});
  const ExactExit rule(program);
  testing::expect_error<UserError>([&] { run_with_early_exit(*executable, input, {}, rule, 0); }, {"blocks of 0"});
  testing::expect_error<UserError>(
      [&] { run_with_early_exit(*executable, input, {.mode = program::Mode::exact}, rule); }, {"exact mode"});
  testing::expect_error<UserError>(
      [&] {
        run_with_early_exit(*executable, EncodedInput({1, 3}), {}, rule);
      },
      {"(1, 3)"});
}

}  // namespace
}  // namespace neurocuda
