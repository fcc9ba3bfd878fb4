// Every backend against the reference: the same random programs and inputs, equality of everything that a run reports.
#include <gtest/gtest.h>

#include "conformance/compare.hpp"
#include "conformance/targets.hpp"
#include "neurocuda/runtime/backends.hpp"
#include "support/random_program.hpp"

namespace neurocuda {
namespace {

using program::Mode;
using runtime::RunOptions;

constexpr std::uint64_t kPrograms = 240;

class Backends : public testing::OnEveryTarget {};

TEST_P(Backends, EqualTheReference) {
  for (std::uint64_t seed = 0; seed < kPrograms && !HasFailure(); ++seed) {
    SCOPED_TRACE("program seed " + std::to_string(seed));
    const program::Program program = testing::random_program(seed);
    const auto reference = runtime::compile(program, "reference");
    const auto executable = runtime::compile(program, GetParam());
    const auto input = testing::random_input(program, 2, program.timesteps, seed + 1);
    for (const Mode mode : {Mode::synchronous, Mode::exact}) {
      const RunOptions options{0, 2, mode, runtime::kEverything};
      testing::expect_equal(reference->run(input, options), executable->run(input, options));
    }
  }
}

TEST_P(Backends, WhatIsAskedForChangesNothingElse) {
  for (std::uint64_t seed = 1000; seed < 1020 && !HasFailure(); ++seed) {
    SCOPED_TRACE("program seed " + std::to_string(seed));
    const program::Program program = testing::random_program(seed);
    const auto executable = runtime::compile(program, GetParam());
    const auto input = testing::random_input(program, 3, program.timesteps, seed);
    for (const Mode mode : {Mode::synchronous, Mode::exact})
      testing::expect_every_wish(*executable, input, {0, 2, mode});
  }
}

TEST_P(Backends, ThreadsAndBatchesChangeNothing) {
  for (std::uint64_t seed = 2000; seed < 2020; ++seed) {
    const program::Program program = testing::random_program(seed);
    const auto executable = runtime::compile(program, GetParam());
    const auto input = testing::random_input(program, 5, program.timesteps, seed);
    const auto one = executable->run(input, {0, 1, Mode::synchronous, runtime::kEverything});
    testing::expect_equal(one, executable->run(input, {0, 2, Mode::synchronous, runtime::kEverything}));

    Shape single = input.shape();
    single[0] = 1;
    const std::int64_t step = element_count(single);
    for (std::int64_t image = 0; image < 5; ++image) {
      const auto values =
          input.values().subspan(static_cast<std::size_t>(image * step), static_cast<std::size_t>(step));
      const auto alone = executable->run({single, {values.begin(), values.end()}}, {});
      const auto whole = one.accumulators(image, program.timesteps - 1);
      EXPECT_TRUE(std::equal(whole.begin(), whole.end(), alone.accumulators().values().begin()));
    }
  }
}

TEST_P(Backends, AnEmptyBatchIsARun) {
  const program::Program program = testing::random_program(3);
  const auto input = testing::random_input(program, 0, program.timesteps, 0);
  const auto result =
      runtime::compile(program, GetParam())->run(input, {0, 0, Mode::synchronous, runtime::kEverything});
  EXPECT_EQ(result.images(), 0);
  EXPECT_TRUE(runtime::predictions(result, 0).empty());
}

INSTANTIATE_TEST_SUITE_P(Conformance, Backends, ::testing::ValuesIn(testing::targets()), testing::parameter_name);

}  // namespace
}  // namespace neurocuda
