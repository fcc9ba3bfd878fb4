#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "neurocuda/compiler/compiler.hpp"
#include "neurocuda/program/encode.hpp"
#include "support/random_graph.hpp"
#include "support/simulate_program.hpp"
#include "unit/compiler/graphs.hpp"

// Properties of whole networks: random residual CNNs, and one whose numbers lie on the grid already.
namespace neurocuda::compiler {
namespace {

using neurocuda::testing::Integers;
using neurocuda::testing::simulate;
using neurocuda::testing::Values;

constexpr std::uint64_t kSeeds = 60;

ir::Graph random_if_graph(std::uint64_t seed) {
  Random random(seed);
  return graphs::with_neurons(neurocuda::testing::random_graph(seed, false), random, 0.5, 1.5);
}

LowerOptions options_for(const ir::Graph& graph) {
  LowerOptions options;
  options.timesteps = 16;
  options.input_absmax.assign(static_cast<std::size_t>(graph.input_operator().shape[0]), 1.0F);
  return options;
}

Integers encoded(const program::Program& program, const Values& image) {
  Shape shape = program.nodes.front().shape;
  shape.insert(shape.begin(), 1);
  const Tensor<float> pixels(shape, std::vector<float>(image.begin(), image.end()));
  const program::EncodedInput codes = program::encode(program, pixels.view());
  return {codes.values().begin(), codes.values().end()};
}

double mean_weight_error(const Lowered& lowered) {
  double total = 0;
  std::size_t channels = 0;
  for (const LayerRounding& layer : lowered.rounding) {
    for (const ChannelRounding& channel : layer.channels) total += channel.weight_error;
    channels += layer.channels.size();
  }
  return total / static_cast<double>(channels);
}

TEST(LowerRandom, ProgramsAreValidAndRoundingIsSmall) {
  for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
    SCOPED_TRACE(seed);
    const ir::Graph graph = random_if_graph(seed);
    const Lowered lowered = lower(graph, options_for(graph));
    EXPECT_NO_THROW(program::validate(lowered.program));
    EXPECT_TRUE(lowered.bounds.fits_int32);
    EXPECT_TRUE(lowered.bounds.exact_in_float32);
    EXPECT_EQ(lowered.rounding.size(), lowered.bounds.nodes.size());
    EXPECT_LT(mean_weight_error(lowered), 0.01);
    for (const LayerRounding& layer : lowered.rounding) {
      // A 1x1 shortcut has larger weights than the 3x3 convolution that shares its channel's scale.
      EXPECT_LT(layer.worst_weight_error(), 0.02) << layer.layer;
      EXPECT_LT(layer.worst_theta_error(), 0.03) << layer.layer;
    }
  }
}

TEST(LowerRandom, LoweringIsDeterministic) {
  const ir::Graph graph = random_if_graph(7);
  EXPECT_EQ(lower(graph, options_for(graph)).program, lower(graph, options_for(graph)).program);
}

/// Float accumulators of the Output node against the integer ones times the output scale.
double relative_deviation(const ir::Graph& graph, const Lowered& lowered, const Values& image, int timesteps) {
  const auto floats = graphs::run_float(graph, image, timesteps).back()[graph.output()];
  const auto integers = simulate(lowered.program, encoded(lowered.program, image), timesteps).values.back().back();
  double error = 0, norm = 0;
  for (std::size_t i = 0; i < floats.size(); ++i) {
    const double value = static_cast<double>(integers[i]) * lowered.program.output().scale;
    error += (value - floats[i]) * (value - floats[i]);
    norm += floats[i] * floats[i];
  }
  return std::sqrt(error / norm);
}

TEST(LowerRandom, LogitsFollowTheFloatGraph) {
  // Spikes differ here and there, because rounding moves currents across thresholds; the sums must not drift. The
  // median, because a network whose logits nearly cancel has no meaningful relative deviation.
  std::vector<double> deviations;
  for (std::uint64_t seed = 0; seed < 25; ++seed) {
    const ir::Graph graph = random_if_graph(seed);
    const Lowered lowered = lower(graph, options_for(graph));
    deviations.push_back(relative_deviation(graph, lowered, neurocuda::testing::random_image(graph, seed), 64));
  }
  std::nth_element(deviations.begin(), deviations.begin() + 12, deviations.end());
  EXPECT_LT(deviations[12], 0.03);
}

/// Random weights m 2^-7 with |m| <= 127, the largest of every channel being 127: k_c is a power of two.
class GridGraph {
 public:
  explicit GridGraph(std::uint64_t seed) : random_(seed) {}

  /// input (2,5,6) -> conv -> if -> {conv, skip} -> if -> avg pool 2x2 -> {conv, 1x1 conv} -> if -> max pool -> fc
  ir::Graph build() {
    auto at = graph_.add("input", ir::Input{{2, 5, 6}, {}});
    at = add_neurons("if1", add_conv("conv1", at, 4, 2, 3, 1), 4);
    const auto merged = graph_.add("add", ir::Add{}, {add_conv("conv2", at, 4, 2, 3, 2), at});
    at = add_neurons("if2", merged, 4);
    at = graph_.add("avg", ir::AvgPool2d{{{2, 2}, {1, 1}, {1, 1}, {1, 1}}}, {at});
    const auto both =
        graph_.add("both", ir::Add{}, {add_conv("conv3", at, 3, 4, 3, 1), add_conv("conv4", at, 3, 4, 1, 1)});
    at = add_neurons("if3", both, 3);
    at = graph_.add("max", ir::MaxPool2d{{{2, 2}, {2, 2}, {0, 0}, {1, 1}}}, {at});
    at = graph_.add("flat", ir::Flatten{}, {at});
    const std::int64_t features = ir::infer_shapes(graph_)[at][0];
    at = graph_.add("fc", ir::Linear{weights({5, features}), biases(5)}, {at});
    graph_.add("output", ir::Output{}, {at});
    return std::move(graph_);
  }

 private:
  Tensor<float> weights(Shape shape) {
    Tensor<float> weight(shape);
    for (float& value : weight.values()) value = static_cast<float>(random_.below(255) - 127) / 128;
    for (std::int64_t o = 0; o < shape[0]; ++o) weight[o * (weight.size() / shape[0])] = 127.0F / 128;
    return weight;
  }
  Tensor<float> biases(std::int64_t channels) {
    Tensor<float> bias({channels});
    for (float& value : bias.values()) value = static_cast<float>(random_.below(33) - 16) / 64;
    return bias;
  }
  ir::NodeId add_conv(const std::string& name, ir::NodeId from, std::int64_t out, std::int64_t in, std::int64_t kernel,
                      std::int64_t groups) {
    const std::int64_t padding = kernel / 2;
    return graph_.add(name,
                      ir::Conv2d{weights({out, in, kernel, kernel}),
                                 biases(out),
                                 {{kernel, kernel}, {1, 1}, {padding, padding}, {1, 1}},
                                 groups},
                      {from});
  }
  ir::NodeId add_neurons(const std::string& name, ir::NodeId from, std::int64_t channels) {
    return graph_.add(name, graphs::neurons(std::vector<float>(static_cast<std::size_t>(channels), 2.0F)), {from});
  }

  Random random_;
  ir::Graph graph_;
};

TEST(LowerOnGrid, NothingIsRoundedAndEverySpikeIsThatOfTheFloatGraph) {
  constexpr int kTimesteps = 12;
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    SCOPED_TRACE(seed);
    const ir::Graph graph = GridGraph(seed).build();
    LowerOptions options;
    options.input_absmax = {127.0F / 64, 127.0F / 64};
    const Lowered lowered = lower(graph, options);
    for (const LayerRounding& layer : lowered.rounding) EXPECT_EQ(layer.worst_weight_error(), 0.0) << layer.layer;
    Values image(60);
    Random random(seed);
    for (double& pixel : image) pixel = static_cast<double>(random.below(255) - 127) / 64;
    const auto floats = graphs::run_float(graph, image, kTimesteps);
    const auto integers = simulate(lowered.program, encoded(lowered.program, image), kTimesteps);
    std::int64_t spikes = 0;
    for (int t = 0; t < kTimesteps; ++t) {
      for (std::size_t n = 1; n < lowered.program.nodes.size(); ++n) {
        const program::Node& node = lowered.program.nodes[n];
        const Values& expected = floats[t][graph.find(node.name)];
        const bool fires = node.as<program::IfLayer>() != nullptr;
        if (!fires && !node.as<program::Accumulator>()) continue;
        const double unit = fires ? 2.0 : lowered.program.output().scale;
        for (std::size_t i = 0; i < expected.size(); ++i) {
          ASSERT_EQ(static_cast<double>(integers.values[t][n][i]) * unit, expected[i]) << node.name << " t " << t;
          spikes += fires && integers.values[t][n][i];
        }
      }
    }
    EXPECT_GT(spikes, 100);
  }
}

}  // namespace
}  // namespace neurocuda::compiler
