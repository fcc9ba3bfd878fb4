#include <gtest/gtest.h>

#include "conformance/tiny_program.hpp"
#include "neurocuda/program/latency.hpp"

namespace neurocuda::program {
namespace {

using testing::TinyProgram;

TEST(Latency, OfTheExactModeIsTForEveryLayerOnTheLongestWay) {
  const Diagonal same{Tensor<std::int8_t>({2}, 1)};
  const Program program = TinyProgram({2}, InputEncoding::constant_current, 8)
                              .layer({2}, {TinyProgram::group(0, same, 2)}, 10)
                              .layer({2}, {TinyProgram::group(1, same, 2)}, 10)
                              .layer({2}, {TinyProgram::group(0, same, 2), TinyProgram::group(2, same, 2)}, 10)
                              .count();
  EXPECT_EQ(latency_timesteps(program, 8, Mode::synchronous), 8);
  EXPECT_EQ(latency_timesteps(program, 8, Mode::exact), 4 * 8);
}

}  // namespace
}  // namespace neurocuda::program
