// The whole gpu target, on an emulated device, against the reference: plans, memory, schedules and the kernels' own
// code, everything but the GPU.
#include <gtest/gtest.h>

#include "conformance/compare.hpp"
#include "conformance/conv_networks.hpp"
#include "conformance/emulated_gpu.hpp"
#include "neurocuda/runtime/backends.hpp"
#include "support/expect_error.hpp"
#include "support/random_program.hpp"

namespace neurocuda {
namespace {

using program::Mode;
using runtime::RunOptions;
using runtime::gpu::KernelChoice;
using testing::Emulated;
using testing::EmulatedDevice;
using testing::pooled_network;
using testing::residual_network;

/// Sanitizers make fibers slow.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr std::uint64_t kShare = 6;
#else
constexpr std::uint64_t kShare = 1;
#endif

constexpr KernelChoice kFusedKernels[] = {KernelChoice::stepwise, KernelChoice::time_batched};

/// Equality on one random Program; how often the fused kernel ran.
int expect_equal_on(std::uint64_t seed, const EmulatedDevice::Options& options, KernelChoice choice,
                    std::int64_t images) {
  SCOPED_TRACE("program seed " + std::to_string(seed));
  const program::Program program = testing::random_program(seed);
  Emulated gpu(program, options, choice);
  const auto input = testing::random_input(program, images, program.timesteps, seed + 1);
  for (const Mode mode : {Mode::synchronous, Mode::exact}) {
    const RunOptions run{0, 1, mode, runtime::kEverything};
    testing::expect_equal(runtime::compile(program, "reference")->run(input, run), gpu.executable.run(input, run));
  }
  return gpu.log.fused;
}

TEST(GpuEmulated, SimpleKernelsEqualTheReference) {
  for (std::uint64_t seed = 0; seed < 150 / kShare && !::testing::Test::HasFailure(); ++seed) {
    EXPECT_EQ(expect_equal_on(seed, {}, KernelChoice::simple, 2), 0);
  }
}

TEST(GpuEmulated, FusedKernelsEqualTheReference) {
  for (const KernelChoice choice : kFusedKernels) {
    int fused = 0;
    for (std::uint64_t seed = 0; seed < 60 / kShare && !::testing::Test::HasFailure(); ++seed) {
      fused += expect_equal_on(seed, {}, choice, 3);
    }
    EXPECT_GT(fused, 40 / static_cast<int>(kShare));
  }
}

/// Devices with little shared memory, few or many multiprocessors: other tiles, other column counts, other fallbacks.
TEST(GpuEmulated, EqualsTheReferenceOnOtherDevices) {
  const std::vector<EmulatedDevice::Options> devices = {
      {8 * 1024, 1}, {32 * 1024, 1}, {163 * 1024, 108}, {48 * 1024, 1000}};
  for (std::size_t i = 0; i < devices.size(); ++i) {
    for (std::uint64_t seed = 3000 + 20 * i; seed < 3000 + 20 * i + 18 / kShare && !HasFailure(); ++seed) {
      for (const KernelChoice choice : kFusedKernels) expect_equal_on(seed, devices[i], choice, 5);
    }
  }
}

TEST(GpuEmulated, ResidualBlocks) {
  struct Case {
    std::int64_t wide, extent, images;
    int multiprocessors;
  };
  for (const Case& at : std::vector<Case>{{70, 5, 11, 1}, {33, 17, 1, 1}, {64, 8, 2, 40}}) {
    SCOPED_TRACE(std::to_string(at.wide));
    const program::Program program = residual_network(7, at.wide, at.extent);
    const auto input = testing::random_input(program, at.images, program.timesteps, 3);
    const RunOptions run{0, 2, Mode::synchronous, runtime::kEverything};
    const auto expected = runtime::compile(program, "cpu")->run(input, run);
    for (const KernelChoice choice : kFusedKernels) {
      Emulated gpu(program, {227 * 1024, at.multiprocessors}, choice);
      for (std::size_t node = 2; node < 7; ++node) EXPECT_TRUE(gpu.executable.plan().nodes[node].tensor_cores) << node;
      testing::expect_equal(expected, gpu.executable.run(input, run));
    }
    for (const auto& layer : expected.record().layers) EXPECT_GT(layer.count(), 0) << layer.node;
  }
}

TEST(GpuEmulated, ConvolutionsOverSumsOfSpikes) {
  struct Case {
    std::int64_t wide, extent, images;
    int multiprocessors;
  };
  for (const Case& at : std::vector<Case>{{20, 6, 7, 1}, {35, 14, 1, 40}, {64, 8, 2, 1}}) {
    SCOPED_TRACE(std::to_string(at.wide));
    const program::Program program = pooled_network(3, at.wide, at.extent);
    Emulated stepwise(program, {227 * 1024, at.multiprocessors}, KernelChoice::stepwise);
    Emulated batched(program, {227 * 1024, at.multiprocessors}, KernelChoice::time_batched);
    for (const std::size_t node : {3U, 5U, 6U})
      EXPECT_TRUE(stepwise.executable.plan().nodes[node].tensor_cores) << node;
    const auto input = testing::random_input(program, at.images, program.timesteps, 3);
    for (const Mode mode : {Mode::synchronous, Mode::exact}) {
      const RunOptions run{0, 2, mode, runtime::kEverything};
      const auto expected = runtime::compile(program, "reference")->run(input, run);
      testing::expect_equal(expected, stepwise.executable.run(input, run));
      testing::expect_equal(expected, batched.executable.run(input, run));
      for (const auto& layer : expected.record().layers) EXPECT_GT(layer.count(), 0) << layer.node;
    }
  }
}

/// A device on which the constants and `images` images with full records just fit.
EmulatedDevice::Options room_for(const program::Program& program, int images) {
  const Emulated probe(program, {});
  const auto& plan = probe.executable.plan();
  const runtime::gpu::RunShape shape{program.timesteps, Mode::synchronous, runtime::kEverything, images};
  const auto bytes = static_cast<double>(runtime::gpu::plan_buffers(program, plan, shape).total);
  EmulatedDevice::Options options;
  options.memory_bytes = plan.constants.bytes().size() + static_cast<std::size_t>(bytes / 0.9) + 1024;
  return options;
}

TEST(GpuEmulated, SplitsBatchesToFitTheMemory) {
  const program::Program program = residual_network(7, 20, 5);
  const auto input = testing::random_input(program, 11, program.timesteps, 5);
  const RunOptions run{0, 1, Mode::synchronous, runtime::kEverything};
  const auto expected = runtime::compile(program, "cpu")->run(input, run);
  Emulated roomy(program, room_for(program, 11));
  testing::expect_equal(expected, roomy.executable.run(input, run));
  EXPECT_EQ(roomy.log.synchronizations, 2);  // one for the constants, one for the run
  EXPECT_EQ(roomy.log.uploads, 3);           // constants, synapse groups, images

  Emulated tight(program, room_for(program, 5));
  testing::expect_equal(expected, tight.executable.run(input, run));
  EXPECT_EQ(tight.log.uploads, 1 + 2 + 6);  // six passes of two images on two streams
  EXPECT_EQ(tight.log.synchronizations, 2);
}

TEST(GpuEmulated, SaysWhenOneImageDoesNotFit) {
  const program::Program program = residual_network(7, 20, 5);
  EmulatedDevice::Options options = room_for(program, 1);
  options.memory_bytes -= 8 * 1024;
  Emulated gpu(program, options);
  const auto input = testing::random_input(program, 2, program.timesteps, 5);
  testing::expect_error<UserError>(
      [&] {
        gpu.executable.run(input, {0, 1, {}, runtime::kEverything});
      },
      {"one image", "MiB", "the target cpu"});
}

TEST(GpuEmulated, WhatIsAskedForChangesNothingElse) {
  for (const KernelChoice choice : {KernelChoice::simple, KernelChoice::stepwise, KernelChoice::time_batched}) {
    for (std::uint64_t seed = 300; seed < 300 + 24 / kShare && !::testing::Test::HasFailure(); ++seed) {
      SCOPED_TRACE("program seed " + std::to_string(seed));
      const program::Program program = testing::random_program(seed);
      Emulated gpu(program, {}, choice);
      const auto input = testing::random_input(program, 3, program.timesteps, seed);
      for (const Mode mode : {Mode::synchronous, Mode::exact}) {
        testing::expect_every_wish(gpu.executable, input, {0, 1, mode});
      }
    }
  }
}

TEST(GpuEmulated, KeepsItsMemoryFromCallToCall) {
  const program::Program program = testing::random_program(5);
  Emulated gpu(program, {});
  const auto reference = runtime::compile(program, "reference");
  std::uint64_t seed = 100;
  for (const std::int64_t images : {8, 6, 8, 8, 8, 1, 0, 1, 1, 3}) {
    const auto input = testing::random_input(program, images, program.timesteps, seed++);
    testing::expect_equal(reference->run(input, {}), gpu.executable.run(input, {}));
  }
  // Recorded when a batch size comes again: 8 after 8, 1 after 1 (an empty batch does not count).
  EXPECT_EQ(gpu.log.records, 2);
  EXPECT_EQ(gpu.log.replays, 4);
}

TEST(GpuEmulated, RecordsALayerAtATimeAgain) {
  const program::Program program = testing::random_program(5);
  Emulated gpu(program, {});
  const RunOptions run{0, 1, Mode::synchronous, runtime::kEverything};
  for (std::uint64_t seed = 0; seed < 3; ++seed) {
    const auto input = testing::random_input(program, 2, program.timesteps, seed);
    testing::expect_equal(runtime::compile(program, "reference")->run(input, run), gpu.executable.run(input, run));
  }
  EXPECT_GT(gpu.log.replays, gpu.log.records);
}

}  // namespace
}  // namespace neurocuda
