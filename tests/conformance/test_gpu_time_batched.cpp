// The kernel with time as a batch dimension, on an emulated device: every way to share a block's warps, tiles of
// timesteps that follow each other, tails of timesteps, positions and channels.
#include <gtest/gtest.h>

#include "conformance/compare.hpp"
#include "conformance/conv_networks.hpp"
#include "conformance/emulated_gpu.hpp"
#include "neurocuda/runtime/backends.hpp"
#include "runtime/gpu/time_batched_tiles.hpp"
#include "support/random_program.hpp"

namespace neurocuda {
namespace {

using program::Mode;
using runtime::RunOptions;
using runtime::gpu::Kernel;
using runtime::gpu::KernelChoice;
using runtime::gpu::TimeBatchedLayer;
using testing::EmulatedDevice;

/// Runs each layer with another of its cuts than the cheapest.
class RecuttingDevice : public EmulatedDevice {
 public:
  RecuttingDevice(const Options& options, Log* log, std::size_t which) : EmulatedDevice(options, log), which_(which) {}

  void launch(int stream, const Kernel& kernel) override {
    const auto* layer = std::get_if<TimeBatchedLayer>(&kernel);
    if (layer == nullptr) return EmulatedDevice::launch(stream, kernel);
    auto cuts = time_batched_cuts(*layer, layer->tiling.columns, layer->images, limits().shared_bytes);
    EmulatedDevice::launch(stream, cuts[which_ % cuts.size()]);
  }

 private:
  std::size_t which_;
};

class TimeBatched : public ::testing::TestWithParam<std::size_t> {
 protected:
  /// Equality with the reference in both modes.
  void expect_equal(const program::Program& program, std::int64_t images, int timesteps, int shared_bytes) {
    const runtime::gpu::GpuExecutable gpu(
        program, std::make_unique<RecuttingDevice>(EmulatedDevice::Options{shared_bytes, 1}, &log_, GetParam()),
        KernelChoice::time_batched);
    const auto input = testing::random_input(program, images, timesteps, 3);
    for (const Mode mode : {Mode::synchronous, Mode::exact}) {
      const RunOptions run{timesteps, 2, mode, runtime::kEverything};
      testing::expect_equal(runtime::compile(program, "reference")->run(input, run), gpu.run(input, run));
    }
  }

  EmulatedDevice::Log log_;
};

TEST_P(TimeBatched, ResidualBlocks) {
  expect_equal(testing::residual_network(7, 16, 5), 3, 6, 227 * 1024);
  expect_equal(testing::residual_network(8, 20, 4), 1, 35, 227 * 1024);
  EXPECT_EQ(log_.longest_time_batched, 2);
  const int parts = 1 << GetParam();
  for (const int columns : {16, 32, 64}) EXPECT_TRUE(log_.time_batched.count({columns, 8, parts})) << columns;
}

TEST_P(TimeBatched, ConvolutionsOverSumsOfSpikes) {
  expect_equal(testing::pooled_network(3, 20, 6), 2, 5, 227 * 1024);
  expect_equal(testing::pooled_network(4, 10, 7), 1, 33, 64 * 1024);
}

/// 64 KB and less: fewer warps, shorter tiles.
TEST_P(TimeBatched, LittleSharedMemory) {
  for (const int kilobytes : {8, 16, 64}) expect_equal(testing::residual_network(9, 18, 11), 1, 9, kilobytes * 1024);
  EXPECT_GT(log_.longest_time_batched, 1);
}

TEST_P(TimeBatched, RandomProgramsOfManyTimesteps) {
  for (std::uint64_t seed = 40 * GetParam(); seed < 40 * GetParam() + 12 && !HasFailure(); ++seed) {
    SCOPED_TRACE("program seed " + std::to_string(seed));
    expect_equal(testing::random_program(7000 + seed), 2, 31 + static_cast<int>(seed % 34), 227 * 1024);
  }
}

INSTANTIATE_TEST_SUITE_P(Cuts, TimeBatched, ::testing::Values(0, 1, 2, 3));

}  // namespace
}  // namespace neurocuda
