// Every figure of an Evaluation against what the SpikeRecord of the same run says, on random programs.
#include <gtest/gtest.h>

#include <map>

#include "neurocuda/metrics/evaluation.hpp"
#include "neurocuda/runtime/backends.hpp"
#include "support/random_images.hpp"

namespace neurocuda::metrics {
namespace {

constexpr std::int64_t kCounted = 10;
constexpr int kSteps = 5;

runtime::RunResult recorded_run(const program::Program& program, const data::Dataset& dataset) {
  const auto images = data::normalized(dataset, 0, kCounted, dataset.mean, dataset.stddev);
  return runtime::compile(program, "reference")
      ->run(program::encode(program, images.view()),
            {.timesteps = kSteps, .wanted = {.recording = runtime::Recording::spikes}});
}

std::int64_t count_spikes(const runtime::LayerRecord& layer) {
  std::int64_t count = 0;
  for (std::int64_t image = 0; image < kCounted; ++image) {
    for (std::int64_t t = 0; t < kSteps; ++t) {
      for (std::int64_t n = 0; n < layer.neurons; ++n) count += layer.spike(image, t, n);
    }
  }
  return count;
}

/// Images whose largest final accumulator, the first of equals, is that of their label.
std::int64_t count_correct(const runtime::RunResult& result, const data::Dataset& dataset) {
  std::int64_t correct = 0;
  for (std::int64_t image = 0; image < kCounted; ++image) {
    const auto accumulators = result.accumulators(image, kSteps - 1);
    std::size_t best = 0;
    for (std::size_t c = 1; c < accumulators.size(); ++c) {
      if (accumulators[c] > accumulators[best]) best = c;
    }
    correct += static_cast<std::int64_t>(best) == dataset.labels[static_cast<std::size_t>(image)];
  }
  return correct;
}

void check_counts(std::uint64_t seed) {
  const auto program = testing::random_image_program(seed);
  const auto dataset = testing::random_images(program, kCounted, seed);
  const auto run = recorded_run(program, dataset);
  const auto evaluation = evaluate(*runtime::compile(program, "cpu"), dataset, {.timesteps = kSteps, .batch_size = 3});

  std::map<std::string, std::int64_t> spikes;
  std::int64_t all_spikes = 0, neurons = 0;
  for (const auto& layer : run.record().layers) {
    const std::int64_t count = count_spikes(layer);
    spikes[program.nodes[static_cast<std::size_t>(layer.node)].name] = count;
    all_spikes += count;
    neurons += layer.neurons;
  }
  EXPECT_DOUBLE_EQ(evaluation.spikes_per_image, static_cast<double>(all_spikes) / kCounted);
  EXPECT_NEAR(evaluation.sparsity,
              1.0 - static_cast<double>(all_spikes) / static_cast<double>(neurons * kSteps * kCounted), 1e-12);
  EXPECT_EQ(evaluation.correct, count_correct(run, dataset));
  EXPECT_DOUBLE_EQ(evaluation.accuracy, static_cast<double>(evaluation.correct) / kCounted);

  double synops = 0, macs = 0;
  for (const auto& layer : evaluation.layers) {
    synops += layer.synops_per_image;
    macs += layer.dense_synops_per_image;
    const std::int64_t recorded = layer.neurons > 0 ? spikes.at(layer.layer) : 0;
    EXPECT_DOUBLE_EQ(layer.spikes_per_image, static_cast<double>(recorded) / kCounted);
    EXPECT_LE(layer.spikes_per_image, static_cast<double>(layer.neurons * kSteps));
  }
  EXPECT_NEAR(synops, evaluation.synops_per_image, 1e-9 * synops);
  const auto dense = program::dense_macs_per_timestep(program), once = program::input_macs(program);
  EXPECT_DOUBLE_EQ(macs, static_cast<double>(dense * kSteps + once));
  EXPECT_DOUBLE_EQ(evaluation.dense_macs_per_image, static_cast<double>(dense + once));
}

TEST(Counts, AgreeWithTheSpikeRecord) {
  for (std::uint64_t seed = 0; seed < 300; seed += 20) {
    SCOPED_TRACE(seed);
    check_counts(seed);
  }
}

TEST(Counts, AreEqualOnReferenceAndCpu) {
  for (std::uint64_t seed = 0; seed < 300; seed += 20) {
    const auto program = testing::random_image_program(seed);
    const auto dataset = testing::random_images(program, kCounted, seed);
    const auto a = evaluate(*runtime::compile(program, "reference"), dataset, {.timesteps = kSteps});
    const auto b = evaluate(*runtime::compile(program, "cpu"), dataset, {.timesteps = kSteps});
    EXPECT_EQ(a.synops_per_image, b.synops_per_image) << seed;
    EXPECT_EQ(a.spikes_per_image, b.spikes_per_image) << seed;
    EXPECT_EQ(a.predictions, b.predictions) << seed;
    ASSERT_EQ(a.layers.size(), b.layers.size());
    for (std::size_t i = 0; i < a.layers.size(); ++i) {
      EXPECT_EQ(a.layers[i].synops_per_image, b.layers[i].synops_per_image) << seed << " " << a.layers[i].layer;
    }
  }
}

}  // namespace
}  // namespace neurocuda::metrics
