// Accumulate, then fire: spike counts must equal QCFS with L = T on the integer grid, layer by layer, without
// exception.
#include "conformance/count_network.hpp"
#include "conformance/targets.hpp"
#include "conformance/tiny_program.hpp"
#include "neurocuda/base/random.hpp"
#include "neurocuda/data/dataset.hpp"
#include "neurocuda/runtime/backends.hpp"
#include "support/random_program.hpp"

namespace neurocuda {
namespace {

using runtime::LayerRecord;

class ExactMode : public testing::OnEveryTarget {};

/// Fires at its first steps, as often as `count` says.
void expect_first(const LayerRecord& layer, std::int64_t neuron, std::int64_t count) {
  for (std::int64_t t = 0; t < layer.timesteps; ++t) {
    ASSERT_EQ(layer.spike(0, t, neuron), t < count) << "node " << layer.node << ", neuron " << neuron << ", t " << t;
  }
}

TEST_P(ExactMode, CountsEqualQcfs) {
  for (std::uint64_t seed = 9000; seed < 9120 && !HasFatalFailure(); ++seed) {
    SCOPED_TRACE("program seed " + std::to_string(seed));
    const program::Program program = testing::random_program(seed);
    for (const int timesteps : {1, program.timesteps, 23}) {
      const auto input = testing::random_input(program, 1, timesteps, seed);
      const auto expected = testing::qcfs_counts(program, input, timesteps);
      const auto result =
          runtime::compile(program, GetParam())
              ->run(input, {timesteps, 1, program::Mode::exact, {.recording = runtime::Recording::spikes}});
      for (const LayerRecord& layer : result.record().layers) {
        const auto& counts = expected[static_cast<std::size_t>(layer.node)];
        for (std::int64_t n = 0; n < layer.neurons; ++n) expect_first(layer, n, counts[static_cast<std::size_t>(n)]);
      }
      for (std::int64_t c = 0; c < result.classes(); ++c) {
        EXPECT_EQ(result.accumulators()[c], expected.back()[static_cast<std::size_t>(c)]);
      }
    }
  }
}

/// Two convolutions with max pools behind them, one of minima in every other channel, on 1,000 digits: every count of
/// every neuron.
program::Program with_max_pools() {
  using namespace program;
  using testing::TinyProgram;
  Random random(21);
  const auto conv = [&](std::int64_t out, std::int64_t in) {
    Tensor<std::int8_t> weight({out, in, 3, 3});
    for (std::int8_t& value : weight.values()) value = static_cast<std::int8_t>(random.below(255) - 127);
    return Conv{weight, {{3, 3}, {1, 1}, {1, 1}}, 1};
  };
  OrPool first{1, {{2, 2}, {2, 2}}, MaxPoolRule::maximum_of_counts};
  for (std::uint8_t c = 0; c < 12; ++c) first.takes_minimum.push_back(c % 2);
  const OrPool second{3, {{3, 3}, {2, 2}, {1, 1}}, MaxPoolRule::maximum_of_counts};
  Program program = TinyProgram({1, 8, 8}, InputEncoding::constant_current, 8)
                        .layer({12, 8, 8}, {TinyProgram::group(0, conv(12, 1), 12)}, 12000, 300, 6000)
                        .node({12, 4, 4}, first)
                        .layer({16, 4, 4}, {TinyProgram::group(2, conv(16, 12), 16)}, 600, 40, 300)
                        .node({16, 2, 2}, second)
                        .count();
  program.nodes[0].as<InputNode>()->scale = {1.0 / 127};
  validate(program);
  return program;
}

TEST_P(ExactMode, MaxPoolsAreThoseOfTheQuantisedNetworkOnAThousandImages) {
  constexpr std::int64_t kImages = 1000;
  constexpr int kTimesteps = 8;
  const program::Program program = with_max_pools();
  const data::Dataset digits = data::load_digits().train;
  const Tensor<float> pixels = data::normalized(digits, 0, kImages, {}, {});
  const program::EncodedInput input = program::encode(program, pixels.view());
  const auto result =
      runtime::compile(program, GetParam())
          ->run(input,
                {kTimesteps, 2, program::Mode::exact, {.by_timestep = false, .recording = runtime::Recording::spikes}});
  std::int64_t sent = 0;
  for (std::int64_t image = 0; image < kImages && !HasFatalFailure(); ++image) {
    const program::EncodedInput one({1, 1, 8, 8}, {input.data() + image * 64, input.data() + (image + 1) * 64});
    const auto expected = testing::qcfs_counts(program, one, kTimesteps);
    for (const LayerRecord& layer : result.record().layers) {
      for (std::int64_t n = 0; n < layer.neurons; ++n) {
        std::int64_t count = 0;
        for (std::int64_t t = 0; t < kTimesteps; ++t) count += layer.spike(image, t, n);
        ASSERT_EQ(count, expected[static_cast<std::size_t>(layer.node)][static_cast<std::size_t>(n)])
            << "image " << image << ", node " << layer.node << ", neuron " << n;
        sent += count;
      }
    }
    ASSERT_EQ(result.accumulators(image, kTimesteps - 1)[0], expected.back()[0]) << image;
  }
  const std::int64_t most = kImages * kTimesteps * (12 * 64 + 16 * 16);
  EXPECT_GT(sent, most / 20);  // neither silent nor saturated
  EXPECT_LT(sent, most / 2);
}

INSTANTIATE_TEST_SUITE_P(Conformance, ExactMode, ::testing::ValuesIn(testing::targets()), testing::parameter_name);

}  // namespace
}  // namespace neurocuda
