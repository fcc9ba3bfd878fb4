#include <gtest/gtest.h>

#include "neurocuda/base/file.hpp"
#include "neurocuda/nir/nir.hpp"
#include "sample_program.hpp"
#include "support/format_fields.hpp"
#include "support/random_program.hpp"
#include "support/temporary_folder.hpp"

namespace neurocuda {
namespace {

using testing::sample_program;
using testing::TemporaryFolder;
using testing::tiny_program;

program::Program through_file(const program::Program& program) {
  const TemporaryFolder folder;
  nir::write(program, folder / "snn.nir");
  return nir::read(folder / "snn.nir");
}

TEST(NirRoundTrip, EverythingThatAProgramHoldsComesBack) {
  for (std::uint64_t fill = 1; fill <= 5; ++fill) EXPECT_EQ(through_file(sample_program(fill)), sample_program(fill));
  EXPECT_EQ(through_file(tiny_program()), tiny_program());
}

TEST(NirRoundTrip, RandomProgramsComeBack) {
  for (std::uint64_t seed = 0; seed < 30; ++seed) {
    const program::Program program = testing::random_program(seed);
    EXPECT_EQ(through_file(program), program) << "seed " << seed;
  }
}

TEST(NirRoundTrip, WhatVersion2AddedComesBack) {
  for (std::uint64_t seed = 0; seed < 30; ++seed) {
    for (const program::Program& plain : {sample_program(), testing::random_program(seed)}) {
      const program::Program program = testing::with_format_fields(plain, seed);
      EXPECT_EQ(through_file(program), program) << "seed " << seed;
      EXPECT_NE(program, plain);
    }
  }
}

TEST(NirRoundTrip, ExtremeBiasesByTimestepAndDensitiesComeBack) {
  program::Program program = tiny_program();
  auto& layer = *program.nodes[1].as<program::IfLayer>();
  layer.bias_by_timestep = Tensor<std::int32_t>({2, 3}, {INT32_MIN, INT32_MAX, -1, INT32_MIN, INT32_MAX, 0});
  layer.bias = {INT32_MIN, INT32_MAX, 0};
  layer.density = 5e-324;
  auto& output = *program.nodes[2].as<program::Accumulator>();
  output.bias_by_timestep = Tensor<std::int32_t>({program::kMaxTimesteps, 2}, 7);
  output.bias = {7, 7};
  EXPECT_EQ(through_file(program), program);
}

TEST(NirRoundTrip, NumbersBeyondFloat32ComeBack) {
  program::Program program = tiny_program();
  auto& layer = *program.nodes[1].as<program::IfLayer>();
  layer.theta = {(1 << 24) + 2, 2147483646, 2};
  layer.bias = {(1 << 24) + 1, -2147483647 - 1, 2147483647};
  layer.v0 = {-2147483647 - 1, 2147483647, 0};
  layer.scale = {5e-324, 1.7976931348623157e308, 0.1};
  EXPECT_EQ(through_file(program), program);
}

TEST(NirRoundTrip, NamesOfAllKindsComeBack) {
  program::Program program = tiny_program();
  program.nodes[0].name = "output";
  program.nodes[1].name = "forward";
  program.nodes[2].name = "\u6f22\u5b57 ..";
  program.nodes[1].as<program::IfLayer>()->groups[0].name = "forward";
  program.name.assign(5000, 'n');
  EXPECT_EQ(through_file(program), program);
}

TEST(NirRoundTrip, AnEmptyProgramNameComesBack) {
  program::Program program = tiny_program();
  program.name.clear();
  EXPECT_EQ(through_file(program), program);
}

TEST(NirRoundTrip, AFileReadAndWrittenAgainIsByteIdentical) {
  const TemporaryFolder folder;
  for (const program::Program& program : {sample_program(), testing::with_format_fields(sample_program(), 1)}) {
    nir::write(program, folder / "first.nir");
    nir::write(nir::read(folder / "first.nir"), folder / "second.nir");
    EXPECT_EQ(read_file(folder / "first.nir", 1 << 24), read_file(folder / "second.nir", 1 << 24));
  }
}

TEST(NirRoundTrip, TwoWritesAreByteIdentical) {
  const TemporaryFolder folder;
  nir::write(sample_program(), folder / "first.nir");
  nir::write(sample_program(3), folder / "other.nir");
  nir::write(sample_program(), folder / "second.nir");
  const auto first = read_file(folder / "first.nir", 1 << 24);
  EXPECT_EQ(first, read_file(folder / "second.nir", 1 << 24));
  EXPECT_NE(first, read_file(folder / "other.nir", 1 << 24));
}

}  // namespace
}  // namespace neurocuda
