// The cpu target on every instruction set compiled in, not only on the one that this machine would choose.
#include <gtest/gtest.h>

#include "conformance/compare.hpp"
#include "conformance/targets.hpp"
#include "conformance/tiny_program.hpp"
#include "neurocuda/base/random.hpp"
#include "neurocuda/runtime/backends.hpp"
#include "runtime/cpu/cpu_executable.hpp"
#include "support/random_program.hpp"

namespace neurocuda {
namespace {

using program::Mode;

class Isas : public ::testing::TestWithParam<std::string> {};

bool supported(const std::string& name) {
  for (const auto& isa : runtime::cpu::compiled_isas()) {
    if (isa.name == name) return isa.supported();
  }
  return false;
}

TEST_P(Isas, EqualTheReference) {
  if (!supported(GetParam())) GTEST_SKIP() << "not available: this processor does not support " << GetParam();
  for (std::uint64_t seed = 5000; seed < 5120 && !HasFailure(); ++seed) {
    SCOPED_TRACE("program seed " + std::to_string(seed));
    const program::Program program = testing::random_program(seed);
    const runtime::cpu::CpuExecutable executable(program, GetParam());
    const runtime::cpu::CpuExecutable dense(program, GetParam(), runtime::cpu::SynapsePath::dense);
    EXPECT_EQ(executable.isa(), GetParam());
    const auto input = testing::random_input(program, 1, program.timesteps, seed);
    for (const Mode mode : {Mode::synchronous, Mode::exact}) {
      const runtime::RunOptions options{0, 1, mode, runtime::kEverything};
      const runtime::RunResult expected = runtime::compile(program, "reference")->run(input, options);
      testing::expect_equal(expected, executable.run(input, options));
      testing::expect_equal(expected, dense.run(input, options));
    }
  }
}

TEST_P(Isas, WhatIsAskedForChangesNothingElse) {
  if (!supported(GetParam())) GTEST_SKIP() << "not available: this processor does not support " << GetParam();
  for (std::uint64_t seed = 5200; seed < 5220 && !HasFailure(); ++seed) {
    SCOPED_TRACE("program seed " + std::to_string(seed));
    const program::Program program = testing::random_program(seed);
    using runtime::cpu::SynapsePath;
    const auto input = testing::random_input(program, 2, program.timesteps, seed);
    for (const SynapsePath path : {SynapsePath::sparse, SynapsePath::dense}) {
      const runtime::cpu::CpuExecutable executable(program, GetParam(), path);
      for (const Mode mode : {Mode::synchronous, Mode::exact})
        testing::expect_every_wish(executable, input, {0, 1, mode});
    }
  }
}

/// Weights that leave the cache are read by tiles of some channels: a 3x3 kernel, a narrow one beside it, and a skip.
TEST_P(Isas, TilesOfChannels) {
  if (!supported(GetParam())) GTEST_SKIP() << "not available: this processor does not support " << GetParam();
  using testing::TinyProgram;
  Random random(31);
  const auto conv = [&](std::int64_t outputs, std::int64_t inputs, std::int64_t size) {
    Tensor<std::int8_t> weight({outputs, inputs, size, size});
    for (std::int8_t& value : weight.values()) value = static_cast<std::int8_t>(random.below(255) - 127);
    return program::Conv{weight, {{size, size}, {1, 1}, {size / 2, size / 2}}, 1};
  };
  const program::Diagonal skip{Tensor<std::int8_t>({400}, 90)};
  const program::Program program =
      TinyProgram({40, 3, 4}, program::InputEncoding::spike_train, 3)
          .layer({400, 3, 4}, {TinyProgram::group(0, conv(400, 40, 3), 400)}, 2000, 20, 1000)
          .layer({400, 3, 4},
                 {TinyProgram::group(1, conv(400, 400, 3), 400), TinyProgram::group(0, conv(400, 40, 1), 400),
                  TinyProgram::group(1, skip, 400)},
                 3000, 10, 1500)
          .count();
  const auto input = testing::random_input(program, 2, 3, 7);
  const runtime::RunOptions options{0, 1, Mode::synchronous, runtime::kEverything};
  const runtime::RunResult expected = runtime::compile(program, "reference")->run(input, options);
  using runtime::cpu::SynapsePath;
  for (const SynapsePath path : {SynapsePath::sparse, SynapsePath::dense})
    testing::expect_equal(expected, runtime::cpu::CpuExecutable(program, GetParam(), path).run(input, options));
}

/// Fewer images than threads: several threads share the tiles of a layer.
TEST_P(Isas, ThreadsShareAnImage) {
  if (!supported(GetParam())) GTEST_SKIP() << "not available: this processor does not support " << GetParam();
  for (std::uint64_t seed = 5400; seed < 5440 && !HasFailure(); ++seed) {
    SCOPED_TRACE("program seed " + std::to_string(seed));
    const program::Program program = testing::random_program(seed);
    const runtime::cpu::CpuExecutable executable(program, GetParam());
    const auto input = testing::random_input(program, 1, program.timesteps, seed);
    for (const Mode mode : {Mode::synchronous, Mode::exact}) {
      const auto alone = executable.run(input, {0, 1, mode, runtime::kEverything});
      for (const int threads : {0, 0, 3, 1})  // the second run finds the threads of the first, the others do not
        testing::expect_equal(alone, executable.run(input, {0, threads, mode, runtime::kEverything}));
    }
  }
}

/// Many inputs with the largest weights: their sum leaves int16 after 258 of them.
TEST_P(Isas, SumsBeyondInt16) {
  if (!supported(GetParam())) GTEST_SKIP() << "not available: this processor does not support " << GetParam();
  for (const std::int8_t weight : {127, -128}) {
    program::Linear linear{Tensor<std::int8_t>({40, 3000}, weight)};
    const program::Program program = testing::TinyProgram({3000}, program::InputEncoding::spike_train, 2)
                                         .layer({40}, {testing::TinyProgram::group(0, linear, 40)}, testing::kNever)
                                         .count();
    const runtime::cpu::CpuExecutable executable(program, GetParam());
    const auto result =
        executable.run({{1, 2, 3000}, std::vector<std::int8_t>(6000, 1)}, {0, 1, {}, runtime::kEverything});
    const runtime::LayerRecord& layer = result.record().layers[0];
    EXPECT_EQ(testing::membranes_at(layer, 0), std::vector<std::int32_t>(40, 3000 * weight));
    EXPECT_EQ(testing::membranes_at(layer, 1), std::vector<std::int32_t>(40, 6000 * weight));
  }
}

std::vector<std::string> names() {
  std::vector<std::string> all;
  for (const auto& isa : runtime::cpu::compiled_isas()) all.emplace_back(isa.name);
  return all;
}

INSTANTIATE_TEST_SUITE_P(Conformance, Isas, ::testing::ValuesIn(names()), testing::parameter_name);

}  // namespace
}  // namespace neurocuda
