// Max pools of counts against a pool of counts by brute force (tests/support/simulate_program.hpp): every target, every
// timestep, over random windows, minima and sources, signed ones too.
#include <gtest/gtest.h>

#include "conformance/targets.hpp"
#include "neurocuda/base/random.hpp"
#include "neurocuda/runtime/backends.hpp"
#include "support/random_program.hpp"
#include "support/simulate_program.hpp"

namespace neurocuda {
namespace {

using namespace program;

class MaxPoolOfCounts : public testing::OnEveryTarget {};

/// An IF layer of (C, H, W), its pool, and behind it a layer that fires what the pool sends: a 1x1 diagonal of theta.
Program pooled(std::uint64_t seed) {
  Random random(seed);
  const auto between = [&](std::int64_t low, std::int64_t high) { return low + random.below(high - low + 1); };
  const std::int64_t channels = random.below(4) == 0 ? between(60, 70) : between(1, 6);
  const Shape shape{channels, between(3, 9), between(3, 9)};
  OrPool pool{1, {}, MaxPoolRule::maximum_of_counts};
  Size2 out{0, 0};
  while (out.height < 1 || out.width < 1) {
    pool.window = {{between(1, 4), between(1, 4)},
                   {between(1, 3), between(1, 3)},
                   {between(0, 1), between(0, 1)},
                   {between(1, 2), between(1, 2)}};
    pool.window.padding.height = std::min(pool.window.padding.height, pool.window.kernel.height / 2);
    pool.window.padding.width = std::min(pool.window.padding.width, pool.window.kernel.width / 2);
    pool.window.ceil_mode = random.below(2) == 0;
    out = output_size(pool.window, {shape[1], shape[2]});
  }
  if (random.below(2) == 0) {
    for (std::int64_t c = 0; c < channels; ++c)
      pool.takes_minimum.push_back(static_cast<std::uint8_t>(random.below(2)));
  }
  const auto size = static_cast<std::size_t>(channels);
  const auto layer = [&](std::int32_t theta, std::int32_t v0, SynapseGroup group) {
    return IfLayer{{std::move(group)},
                   std::vector<std::int32_t>(size, 0),
                   std::vector<std::int32_t>(size, theta),
                   std::vector<std::int32_t>(size, v0),
                   std::vector<double>(size, 1.0)};
  };
  const auto diagonal = [&](NodeIndex source, std::int8_t weight) {
    return SynapseGroup{"from" + std::to_string(source), source, Diagonal{Tensor<std::int8_t>({channels}, weight)},
                        std::vector<std::uint8_t>(size, 0)};
  };
  const SynapseGroup from_input{"conv", 0, Conv{Tensor<std::int8_t>({channels, 1, 1, 1}, 1), {}, channels},
                                std::vector<std::uint8_t>(size, 0)};
  const Shape behind{channels, out.height, out.width};
  Program program;
  program.timesteps = static_cast<int>(between(1, 70));
  program.nodes = {
      {"input", shape, InputNode{InputEncoding::constant_current, 8, std::vector<double>(size, 1.0), {}, {}}},
      {"source", shape, layer(200, 100, from_input)},
      {"max", behind, pool},
      {"sent", behind, layer(2, 0, diagonal(2, 2))},
      {"output",
       {2},
       Accumulator{{{"fc", 3, Linear{Tensor<std::int8_t>({2, element_count(behind)}, 1)}, {0, 0}}}, {0, 0}, 1.0}}};
  if (random.below(3) == 0) program.nodes[1].as<IfLayer>()->neuron = NeuronKind::signed_;
  if (random.below(3) == 0) program.nodes[3].as<IfLayer>()->neuron = NeuronKind::signed_;
  validate(program);
  return program;
}

TEST_P(MaxPoolOfCounts, IsTheBruteForcePoolOfCounts) {
  for (std::uint64_t seed = 0; seed < 60 && !HasFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    const Program program = pooled(seed);
    const int timesteps = program.timesteps;
    const EncodedInput input = testing::random_input(program, 1, timesteps, seed);
    const testing::Integers image(input.values().begin(), input.values().end());
    const testing::Simulation expected = testing::simulate(program, image, timesteps);
    const auto result = runtime::compile(program, GetParam())
                            ->run(input, {timesteps, 1, Mode::synchronous, {.recording = runtime::Recording::spikes}});
    for (const runtime::LayerRecord& layer : result.record().layers) {
      for (std::int64_t t = 0; t < timesteps; ++t) {
        const auto& spikes = expected.values[static_cast<std::size_t>(t)][static_cast<std::size_t>(layer.node)];
        for (std::int64_t n = 0; n < layer.neurons; ++n) {
          ASSERT_EQ(layer.spike(0, t, n), spikes[static_cast<std::size_t>(n)])
              << "node " << layer.node << ", neuron " << n << ", t " << t;
        }
      }
    }
  }
}

/// What is behind sees, up to every timestep, the pool of the counts up to there.
TEST(MaxPoolOfCountsReference, SendsThePoolOfTheCounts) {
  for (std::uint64_t seed = 100; seed < 130; ++seed) {
    const Program program = pooled(seed);
    const auto& pool = *program.nodes[2].as<OrPool>();
    const EncodedInput input = testing::random_input(program, 1, program.timesteps, seed);
    const auto run = testing::simulate(program, {input.values().begin(), input.values().end()}, program.timesteps);
    testing::Integers sent(static_cast<std::size_t>(element_count(program.nodes[2].shape)), 0);
    testing::Integers counts(static_cast<std::size_t>(element_count(program.nodes[1].shape)), 0);
    for (const auto& values : run.values) {
      for (std::size_t i = 0; i < counts.size(); ++i) counts[i] += values[1][i];
      for (std::size_t i = 0; i < sent.size(); ++i) sent[i] += values[2][i];
    }
    const testing::detail::Extent in(program.nodes[1].shape), out(program.nodes[2].shape);
    for (std::int64_t c = 0; c < out.channels; ++c) {
      const bool least = !pool.takes_minimum.empty() && pool.takes_minimum[static_cast<std::size_t>(c)] != 0;
      for (std::int64_t y = 0; y < out.height; ++y) {
        for (std::int64_t x = 0; x < out.width; ++x) {
          testing::Integers under;
          testing::detail::for_each_position(
              pool.window, in, y, x,
              [&](std::int64_t, std::int64_t sy, std::int64_t sx) { under.push_back(counts[in.at(c, sy, sx)]); });
          const std::int64_t best = under.empty() ? 0
                                    : least       ? *std::min_element(under.begin(), under.end())
                                                  : *std::max_element(under.begin(), under.end());
          ASSERT_EQ(sent[out.at(c, y, x)], best) << seed << " " << c << " " << y << " " << x;
        }
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Conformance, MaxPoolOfCounts, ::testing::ValuesIn(testing::targets()),
                         testing::parameter_name);

}  // namespace
}  // namespace neurocuda
