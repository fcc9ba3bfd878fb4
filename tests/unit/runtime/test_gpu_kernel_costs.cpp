#include <gtest/gtest.h>

#include "runtime/gpu/fused_choice.hpp"
#include "runtime/gpu/kernel_costs.hpp"
#include "runtime/gpu/tiles.hpp"
#include "runtime/gpu/time_batched_tiles.hpp"
#include "unit/runtime/gpu_layers.hpp"

namespace neurocuda {
namespace {

using namespace runtime::gpu;

constexpr DeviceLimits kH100{227 * 1024, 132};

/// A fused layer of ResNet-18, and its time on the H100 of docs/cuda.md at batch 512, T = 32.
struct TimedLayer {
  TensorCoreLayer layer;
  int columns;
  double microseconds;
};

TimedLayer timed(TensorCoreLayer layer, double microseconds, int skips = 0, int columns = 64) {
  layer.skip_count = skips;
  return {layer, columns, microseconds};
}

/// The second layer of the first block of a stage, with the 1x1 convolution beside it.
TensorCoreLayer with_shortcut(int in, int out, int extent) {
  TensorCoreLayer layer = testing::stage(out, out, extent / 2, 1);
  testing::add_convolution(layer, in, extent, 1, 2);
  return layer;
}

std::vector<TimedLayer> timed_layers() {
  using testing::stage;
  return {timed(stage(64, 64, 32, 1), 2359),         timed(stage(64, 64, 32, 1), 2714, 1),
          timed(stage(64, 64, 32, 1), 2380),         timed(stage(64, 64, 32, 1), 2716, 1),
          timed(stage(64, 128, 32, 2), 1166),        timed(with_shortcut(64, 128, 32), 1929),
          timed(stage(128, 128, 16, 1), 1755),       timed(stage(128, 128, 16, 1), 1925, 1),
          timed(stage(128, 256, 16, 2), 925),        timed(with_shortcut(128, 256, 16), 1923),
          timed(stage(256, 256, 8, 1), 1764),        timed(stage(256, 256, 8, 1), 1901, 1),
          timed(stage(256, 512, 8, 2), 1362),        timed(with_shortcut(256, 512, 8), 3905, 0, 32),
          timed(stage(512, 512, 4, 1), 2166, 0, 32), timed(stage(512, 512, 4, 1), 2238, 1, 32)};
}

double stepwise(const TimedLayer& at, int images, int timesteps) {
  TensorCoreLayer layer = at.layer;
  layer.timesteps = timesteps;
  return predicted_microseconds(cut(layer, at.columns, images, kH100.shared_bytes, kH100.multiprocessors), kH100);
}

double time_batched(const TimedLayer& at, int images, int timesteps) {
  TensorCoreLayer layer = at.layer;
  layer.timesteps = timesteps;
  const Kernel kernel = choose_fused_kernel(layer, at.columns, images, kH100, KernelChoice::time_batched);
  return predicted_microseconds(std::get<TimeBatchedLayer>(kernel), kH100);
}

TEST(KernelCosts, PredictTheMeasuredTimesOfTheFusedKernel) {
  for (const TimedLayer& at : timed_layers()) {
    EXPECT_EQ(choose_columns(at.layer, 512, kH100.shared_bytes), at.columns);
    const double predicted = stepwise(at, 512, 32);
    EXPECT_LT(predicted, 1.25 * at.microseconds) << at.layer.channels;
    EXPECT_GT(predicted, at.microseconds / 1.25) << at.layer.channels;
  }
}

/// Whole passes were measured at other batch sizes: what is not of the fused layers is a part of them (the first layer,
/// counting, copies).
TEST(KernelCosts, PredictMostOfTheMeasuredPasses) {
  struct Pass {
    int images;
    double microseconds;
  };
  for (const Pass& pass : {Pass{1, 4890}, {64, 9986}, {512, 42205}}) {
    double fused = 0;
    for (const TimedLayer& at : timed_layers()) fused += stepwise(at, pass.images, 32);
    EXPECT_LT(fused, pass.microseconds) << pass.images;
    EXPECT_GT(fused, 0.6 * pass.microseconds) << pass.images;
  }
}

TEST(KernelCosts, SmallBatchesTakeTimeAsABatchDimension) {
  for (const int timesteps : {4, 32}) {
    double steps = 0, batched = 0;
    for (const TimedLayer& at : timed_layers()) {
      EXPECT_LT(3 * time_batched(at, 1, timesteps), 2 * stepwise(at, 1, timesteps)) << at.layer.channels;
      // The first stage fills the device at 64 images: nothing is gained there.
      if (at.layer.channels > 128) {
        EXPECT_LT(time_batched(at, 64, timesteps), stepwise(at, 64, timesteps));
      }
      steps += stepwise(at, 64, timesteps);
      batched += time_batched(at, 64, timesteps);
    }
    EXPECT_LT(batched, 0.7 * steps);
  }
}

TEST(KernelCosts, LargeBatchesOfSmallLayersGoStepByStep) {
  for (const TimedLayer& at : timed_layers()) {
    if (at.layer.channels <= 64) {
      EXPECT_GT(time_batched(at, 512, 32), stepwise(at, 512, 32));
    }
  }
}

TEST(KernelCosts, TheCheaperKernelIsChosen) {
  TensorCoreLayer layer = testing::stage(64, 64, 32, 1);
  layer.timesteps = 32;
  const auto chosen = [&](int images, KernelChoice choice) {
    return choose_fused_kernel(layer, 64, images, kH100, choice);
  };
  EXPECT_TRUE(std::holds_alternative<TimeBatchedLayer>(chosen(1, KernelChoice::fastest)));
  EXPECT_TRUE(std::holds_alternative<TensorCoreLayer>(chosen(512, KernelChoice::fastest)));
  EXPECT_TRUE(std::holds_alternative<TensorCoreLayer>(chosen(1, KernelChoice::stepwise)));
  EXPECT_TRUE(std::holds_alternative<TimeBatchedLayer>(chosen(512, KernelChoice::time_batched)));
}

}  // namespace
}  // namespace neurocuda
