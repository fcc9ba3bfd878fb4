// The whole gpu target, on an emulated device, against the reference: plans, memory, schedules and the kernels' own
// code, everything but the GPU.
#include <gtest/gtest.h>

#include "conformance/compare.hpp"
#include "conformance/tiny_program.hpp"
#include "neurocuda/base/random.hpp"
#include "neurocuda/runtime/backends.hpp"
#include "runtime/gpu/gpu_executable.hpp"
#include "support/expect_error.hpp"
#include "support/gpu_emulation/emulated_device.hpp"
#include "support/random_program.hpp"

namespace neurocuda {
namespace {

using program::Mode;
using runtime::RunOptions;
using runtime::gpu::GpuExecutable;
using runtime::gpu::KernelChoice;
using testing::EmulatedDevice;

/// Sanitizers make fibers slow.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr std::uint64_t kShare = 6;
#else
constexpr std::uint64_t kShare = 1;
#endif

struct Emulated {
  EmulatedDevice::Log log;
  GpuExecutable executable;
  Emulated(const program::Program& program, const EmulatedDevice::Options& options,
           KernelChoice choice = KernelChoice::fastest)
      : executable(program, std::make_unique<EmulatedDevice>(options, &log), choice) {}
};

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

TEST(GpuEmulated, FusedKernelEqualsTheReference) {
  int fused = 0;
  for (std::uint64_t seed = 0; seed < 60 / kShare && !::testing::Test::HasFailure(); ++seed) {
    fused += expect_equal_on(seed, {}, KernelChoice::fastest, 3);
  }
  EXPECT_GT(fused, 40 / static_cast<int>(kShare));
}

/// Devices with little shared memory, few or many multiprocessors: other tiles, other column counts, other fallbacks.
TEST(GpuEmulated, EqualsTheReferenceOnOtherDevices) {
  const std::vector<EmulatedDevice::Options> devices = {
      {8 * 1024, 1}, {32 * 1024, 1}, {163 * 1024, 108}, {48 * 1024, 1000}};
  for (std::size_t i = 0; i < devices.size(); ++i) {
    for (std::uint64_t seed = 3000 + 20 * i; seed < 3000 + 20 * i + 18 / kShare && !HasFailure(); ++seed) {
      expect_equal_on(seed, devices[i], KernelChoice::fastest, 5);
    }
  }
}

program::Conv random_conv(Random& random, std::int64_t out, std::int64_t in, std::int64_t kernel, std::int64_t stride) {
  program::Conv made{Tensor<std::int8_t>({out, in, kernel, kernel}),
                     {{kernel, kernel}, {stride, stride}, {kernel / 2, kernel / 2}, {1, 1}},
                     1};
  for (auto& weight : made.weight.values()) weight = static_cast<std::int8_t>(random.below(256) - 128);
  return made;
}

/// Two residual blocks in the way of a ResNet, with more channels than a block of columns and odd extents.
program::Program residual_network(std::uint64_t seed, std::int64_t wide, std::int64_t extent) {
  using testing::TinyProgram;
  Random random(seed);
  const auto conv = [&](std::int64_t out, std::int64_t in, std::int64_t kernel, std::int64_t stride) {
    return random_conv(random, out, in, kernel, stride);
  };
  program::Diagonal skip{Tensor<std::int8_t>({wide})};
  for (auto& weight : skip.weight.values()) weight = static_cast<std::int8_t>(random.below(256) - 128);
  auto skip_group = TinyProgram::group(2, skip, wide);
  for (auto& shift : skip_group.shift) shift = static_cast<std::uint8_t>(random.below(5));
  const std::int64_t half = (extent + 1) / 2;
  const Shape large{wide, extent, extent}, small{2 * wide, half, half};
  program::Linear last{Tensor<std::int8_t>({10, 2 * wide * half * half}, 1)};
  TinyProgram network({3, extent, extent}, program::InputEncoding::constant_current, 6);
  network.layer(large, {TinyProgram::group(0, conv(wide, 3, 3, 1), wide)}, 900)
      .layer(large, {TinyProgram::group(1, conv(wide, wide, 3, 1), wide)}, 1400)
      .layer(large, {TinyProgram::group(2, conv(wide, wide, 3, 1), wide), skip_group}, 1400)
      .layer(small, {TinyProgram::group(3, conv(2 * wide, wide, 3, 2), 2 * wide)}, 1400)
      .layer(small,
             {TinyProgram::group(4, conv(2 * wide, 2 * wide, 3, 1), 2 * wide),
              TinyProgram::group(3, conv(2 * wide, wide, 1, 2), 2 * wide)},
             1600)
      .layer({10}, {TinyProgram::group(5, last, 10)}, 100);
  return network.count();
}

TEST(GpuEmulated, ResidualBlocks) {
  struct Case {
    std::int64_t wide, extent, images;
    int multiprocessors;
  };
  for (const Case& at : std::vector<Case>{{70, 5, 11, 1}, {33, 17, 1, 1}, {64, 8, 2, 40}}) {
    SCOPED_TRACE(std::to_string(at.wide));
    const program::Program program = residual_network(7, at.wide, at.extent);
    Emulated gpu(program, {227 * 1024, at.multiprocessors});
    for (std::size_t node = 2; node < 7; ++node) EXPECT_TRUE(gpu.executable.plan().nodes[node].tensor_cores) << node;
    const auto input = testing::random_input(program, at.images, program.timesteps, 3);
    const RunOptions run{0, 2, Mode::synchronous, runtime::kEverything};
    const auto expected = runtime::compile(program, "cpu")->run(input, run);
    testing::expect_equal(expected, gpu.executable.run(input, run));
    for (const auto& layer : expected.record().layers) EXPECT_GT(layer.count(), 0) << layer.node;
  }
}

/// Convolutions over sums of spikes, in the way of a VGG with average pooling: pools that tile, and pools that overlap
/// and reach beyond the border; the second is read by a layer without positions, too.
program::Program pooled_network(std::uint64_t seed, std::int64_t wide, std::int64_t extent) {
  using testing::TinyProgram;
  Random random(seed);
  const std::int64_t half = extent / 2, quarter = (half + 1) / 2;
  const Shape large{wide, extent, extent}, sums{wide, half, half}, small{2 * wide, half, half};
  const Shape few{2 * wide, quarter, quarter};
  program::Linear dense{Tensor<std::int8_t>({40, 2 * wide * quarter * quarter})};
  for (auto& weight : dense.weight.values()) weight = static_cast<std::int8_t>(random.below(256) - 128);
  TinyProgram network({3, extent, extent}, program::InputEncoding::constant_current, 6);
  network.layer(large, {TinyProgram::group(0, random_conv(random, wide, 3, 3, 1), wide)}, 900)
      .node(sums, program::SumPool{1, {{2, 2}, {2, 2}, {0, 0}, {1, 1}}})
      .layer(small, {TinyProgram::group(2, random_conv(random, 2 * wide, wide, 3, 1), 2 * wide)}, 2500)
      .node(few, program::SumPool{3, {{3, 3}, {2, 2}, {1, 1}, {1, 1}}})
      .layer(few, {TinyProgram::group(4, random_conv(random, 2 * wide, 2 * wide, 3, 1), 2 * wide)}, 4000)
      .layer({40}, {TinyProgram::group(4, dense, 40)}, 3000);
  return network.count();
}

TEST(GpuEmulated, ConvolutionsOverSumsOfSpikes) {
  struct Case {
    std::int64_t wide, extent, images;
    int multiprocessors;
  };
  for (const Case& at : std::vector<Case>{{20, 6, 7, 1}, {35, 14, 1, 40}, {64, 8, 2, 1}}) {
    SCOPED_TRACE(std::to_string(at.wide));
    const program::Program program = pooled_network(3, at.wide, at.extent);
    Emulated gpu(program, {227 * 1024, at.multiprocessors});
    for (const std::size_t node : {3U, 5U, 6U}) EXPECT_TRUE(gpu.executable.plan().nodes[node].tensor_cores) << node;
    const auto input = testing::random_input(program, at.images, program.timesteps, 3);
    for (const Mode mode : {Mode::synchronous, Mode::exact}) {
      const RunOptions run{0, 2, mode, runtime::kEverything};
      const auto expected = runtime::compile(program, "reference")->run(input, run);
      testing::expect_equal(expected, gpu.executable.run(input, run));
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
  for (const KernelChoice choice : {KernelChoice::simple, KernelChoice::fastest}) {
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
