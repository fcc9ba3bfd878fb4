#include <gmock/gmock.h>

#include "neurocuda/compiler/compiler.hpp"
#include "neurocuda/compiler/quantize.hpp"
#include "unit/compiler/graphs.hpp"

// Tiny networks whose integers are worked out by hand.
namespace neurocuda::compiler {
namespace {

using ::testing::DoubleNear;
using ::testing::ElementsAre;

/// Input scale 1 per feature: the integer grid is the float one.
LowerOptions unit_input(std::size_t features) {
  LowerOptions options;
  options.input_absmax.assign(features, 127.0F);
  return options;
}

std::vector<int> codes(const program::SynapseGroup& group) {
  return std::visit(
      [](const auto& any) { return std::vector<int>(any.weight.values().begin(), any.weight.values().end()); },
      group.connection);
}

const program::IfLayer& layer(const Lowered& lowered, std::size_t node) {
  return *lowered.program.nodes.at(node).as<program::IfLayer>();
}

/// The node of that name.
const program::Node& named(const Lowered& lowered, std::string_view name) {
  for (const program::Node& node : lowered.program.nodes) {
    if (node.name == name) return node;
  }
  throw std::runtime_error("no such node");
}

TEST(Lower, EveryChannelHasItsOwnScale) {
  // Row 0: k = 1.27 / 127 = 0.01; row 1: k = 12.7 / 127 = 0.1.
  const Lowered lowered = lower(graphs::two_layers(graphs::linear(2, {1.27F, -0.5F, 12.7F, 1.0F}, {0.1F, -2.0F}),
                                                   graphs::neurons({1.0F, 3.0F}), graphs::linear(1, {1.0F, -1.0F})),
                                unit_input(2));
  const program::IfLayer& if1 = layer(lowered, 1);
  EXPECT_THAT(codes(if1.groups[0]), ElementsAre(127, -50, 127, 10));
  EXPECT_THAT(if1.scale, ElementsAre(DoubleNear(0.01, 1e-9), DoubleNear(0.1, 1e-8)));
  EXPECT_THAT(if1.bias, ElementsAre(10, -20));
  EXPECT_THAT(if1.theta, ElementsAre(100, 30));
  EXPECT_THAT(if1.v0, ElementsAre(50, 15));
  EXPECT_EQ(if1.groups[0].name, "fc1");
  EXPECT_THAT(if1.groups[0].shift, ElementsAre(0, 0));
}

TEST(Lower, TheSourcesThresholdIsFoldedIntoTheOutputWithOneScale) {
  // fc2 x theta = (1 x 1, 2 x 3; -4 x 1, 0.5 x 3) = (1, 6; -4, 1.5); one k = 6 / 127; bias in the same unit.
  const Lowered lowered = lower(graphs::two_layers(graphs::linear(2, {1, 0, 0, 1}), graphs::neurons({1.0F, 3.0F}),
                                                   graphs::linear(2, {1.0F, 2.0F, -4.0F, 0.5F}, {6.0F, -3.0F})),
                                unit_input(2));
  const program::Accumulator& output = lowered.program.output();
  EXPECT_THAT(codes(output.groups[0]), ElementsAre(21, 127, -85, 32));  // 21.17, 127, -84.67, 31.75
  EXPECT_DOUBLE_EQ(output.scale, 6.0 / 127);
  EXPECT_THAT(output.bias, ElementsAre(127, -64));  // -63.5: half to even
  EXPECT_EQ(lowered.program.nodes.back().name, "output");
  EXPECT_EQ(output.groups[0].name, "fc2");
}

TEST(Lower, InputScalesAreFoldedPerChannel) {
  ir::Graph graph;
  const auto input = graph.add("input", ir::Input{{2, 1, 1}, {{0.0F, 0.0F}, {1.0F, 0.5F}}});  // absmax 1 and 2
  const auto conv = graph.add("conv", graphs::conv({1, 2, 1, 1}, {4.0F, 1.5F}), {input});
  const auto neurons = graph.add("if", graphs::neurons({1.0F}), {conv});
  const auto flat = graph.add("flat", ir::Flatten{}, {neurons});
  const auto fc = graph.add("fc", graphs::linear(1, {1.0F}), {flat});
  graph.add("output", ir::Output{}, {fc});
  const Lowered lowered = lower(graph);
  EXPECT_THAT(lowered.program.input().scale, ElementsAre(1.0 / 127, 2.0 / 127));
  EXPECT_THAT(lowered.program.input().mean, ElementsAre(0.0F, 0.0F));
  EXPECT_THAT(lowered.program.input().stddev, ElementsAre(1.0F, 0.5F));
  EXPECT_THAT(codes(layer(lowered, 1).groups[0]), ElementsAre(127, 95));  // 4/127 : 3/127 = 127 : 95.25
}

/// input (1,2,2) -> conv 1x1 -> if1 (theta 2) -> [pool] -> conv2 -> + skip -> if2 -> flatten -> fc
ir::Graph skip_network(float conv2_weight, float theta2) {
  ir::Graph graph;
  const auto input = graph.add("input", ir::Input{{1, 2, 2}, {}});
  const auto conv1 = graph.add("conv1", graphs::conv({1, 1, 1, 1}, {1.0F}), {input});
  const auto if1 = graph.add("if1", graphs::neurons({2.0F}), {conv1});
  const auto conv2 = graph.add("conv2", graphs::conv({1, 1, 1, 1}, {conv2_weight}), {if1});
  const auto add = graph.add("add", ir::Add{}, {conv2, if1});
  const auto if2 = graph.add("if2", graphs::neurons({theta2}), {add});
  const auto flat = graph.add("flat", ir::Flatten{}, {if2});
  const auto fc = graph.add("fc", graphs::linear(1, {1, 1, 1, 1}), {flat});
  graph.add("output", ir::Output{}, {fc});
  return graph;
}

TEST(Lower, IdentitySkipTakesAShiftInsteadOfSqueezingTheConvolution) {
  // w_eff = 0.127 x 2, k = 0.002; the skip is 2 / 0.002 = 1000 = 125 << 3.
  const Lowered lowered = lower(skip_network(0.127F, 1.0F), unit_input(1));
  const program::IfLayer& if2 = layer(lowered, 2);
  ASSERT_EQ(if2.groups.size(), 2U);
  EXPECT_EQ(if2.groups[0].name, "conv2");
  EXPECT_THAT(codes(if2.groups[0]), ElementsAre(127));
  EXPECT_EQ(if2.groups[1].name, "add");
  EXPECT_TRUE(std::holds_alternative<program::Diagonal>(if2.groups[1].connection));
  EXPECT_THAT(codes(if2.groups[1]), ElementsAre(125));
  EXPECT_THAT(if2.groups[1].shift, ElementsAre(3));
  EXPECT_EQ(if2.groups[1].source, 1);
  EXPECT_THAT(if2.theta, ElementsAre(500));
}

TEST(Lower, SkipsBeyondTheLargestShiftRaiseTheScale) {
  // The skip would be 2 / (2e-6 / 127) = 1.27e8; k is raised so that it becomes 127 << 7, and the convolution rounds to
  // 0.
  const Lowered lowered = lower(skip_network(1e-6F, 1.0F), unit_input(1));
  const program::IfLayer& if2 = layer(lowered, 2);
  EXPECT_THAT(codes(if2.groups[1]), ElementsAre(127));
  EXPECT_THAT(if2.groups[1].shift, ElementsAre(7));
  EXPECT_THAT(codes(if2.groups[0]), ElementsAre(0));
  EXPECT_DOUBLE_EQ(if2.scale[0], 2.0 / (127 * 128));
  EXPECT_LT(lowered.rounding[1].worst_weight_error(), 1e-5);  // the skip dominates the channel's norm
}

TEST(Lower, AZeroConvolutionBesideASkipLeavesTheScaleToTheSkip) {
  const Lowered lowered = lower(skip_network(0.0F, 2.0F), unit_input(1));
  const program::IfLayer& if2 = layer(lowered, 2);
  EXPECT_THAT(codes(if2.groups[0]), ElementsAre(0));
  EXPECT_THAT(codes(if2.groups[1]), ElementsAre(127));
  EXPECT_THAT(if2.groups[1].shift, ElementsAre(0));
  EXPECT_THAT(if2.theta, ElementsAre(128));  // 127 -> 63.5 x 2, half to even
}

TEST(Lower, AveragePoolsBecomeSumsWithTheirAreaInTheWeights) {
  ir::Graph graph;
  const auto input = graph.add("input", ir::Input{{1, 4, 4}, {}});
  const auto conv1 = graph.add("conv1", graphs::conv({2, 1, 1, 1}, {1.0F, 1.0F}), {input});
  const auto if1 = graph.add("if1", graphs::neurons({4.0F, 8.0F}), {conv1});
  const Window halves{{2, 2}, {2, 2}, {0, 0}, {1, 1}};
  const auto avg = graph.add("avg", ir::AvgPool2d{halves}, {if1});
  const auto global = graph.add("global", ir::GlobalAvgPool{}, {avg});
  const auto flat = graph.add("flat", ir::Flatten{}, {global});
  const auto fc = graph.add("fc", graphs::linear(1, {1.0F, 1.0F}), {flat});
  graph.add("output", ir::Output{}, {fc});
  const Lowered lowered = lower(graph, unit_input(1));
  ASSERT_EQ(lowered.program.nodes.size(), 5U);
  EXPECT_EQ(lowered.program.nodes[2].as<program::SumPool>()->window, halves);
  EXPECT_EQ(lowered.program.nodes[3].as<program::SumPool>()->window.kernel, (Size2{2, 2}));
  EXPECT_EQ(lowered.program.nodes[3].shape, (Shape{2, 1, 1}));
  EXPECT_EQ(lowered.program.output().groups[0].source, 3);
  EXPECT_THAT(codes(lowered.program.output().groups[0]), ElementsAre(64, 127));  // theta / 16 = 0.25 and 0.5
  EXPECT_DOUBLE_EQ(lowered.program.output().scale, 0.5 / 127);
}

TEST(Lower, FlattenedPlanesShareTheirChannelsThreshold) {
  ir::Graph graph;
  const auto input = graph.add("input", ir::Input{{1, 1, 2}, {}});
  const auto conv1 = graph.add("conv1", graphs::conv({2, 1, 1, 1}, {1.0F, 1.0F}), {input});
  const auto if1 = graph.add("if1", graphs::neurons({1.0F, 127.0F}), {conv1});
  const auto flat = graph.add("flat", ir::Flatten{}, {if1});
  const auto fc = graph.add("fc", graphs::linear(1, {1.0F, 2.0F, 1.0F, -1.0F}), {flat});
  graph.add("output", ir::Output{}, {fc});
  EXPECT_THAT(codes(lower(graph, unit_input(1)).program.output().groups[0]), ElementsAre(1, 2, 127, -127));
}

TEST(Lower, GroupedConvolutionsReadTheirOwnChannels) {
  ir::Graph graph;
  const auto input = graph.add("input", ir::Input{{4, 1, 1}, {}});
  const auto conv = graph.add("conv", graphs::conv({2, 2, 1, 1}, {1, 1, 1, 1}, {}, 2), {input});
  const auto neurons = graph.add("if", graphs::neurons({1.0F, 1.0F}), {conv});
  const auto flat = graph.add("flat", ir::Flatten{}, {neurons});
  const auto fc = graph.add("fc", graphs::linear(1, {1, 1}), {flat});
  graph.add("output", ir::Output{}, {fc});
  LowerOptions options;
  options.input_absmax = {127.0F, 2 * 127.0F, 127.0F, 4 * 127.0F};
  EXPECT_THAT(codes(layer(lower(graph, options), 1).groups[0]), ElementsAre(64, 127, 32, 127));
}

TEST(Lower, MaxPoolsPoolCountsAndSharedPoolsStandOnce) {
  ir::Graph graph;
  const auto input = graph.add("input", ir::Input{{1, 4, 4}, {}});
  const auto conv1 = graph.add("conv1", graphs::conv({1, 1, 1, 1}, {1.0F}), {input});
  const auto if1 = graph.add("if1", graphs::neurons({1.0F}), {conv1});
  const auto max = graph.add("max", ir::MaxPool2d{{{2, 2}, {2, 2}, {0, 0}, {1, 1}}, {1}}, {if1});
  const auto dropout = graph.add("dropout", ir::Dropout{}, {max});
  const auto conv2 = graph.add("conv2", graphs::conv({1, 1, 1, 1}, {1.0F}), {dropout});
  const auto add = graph.add("add", ir::Add{}, {conv2, max});
  const auto if2 = graph.add("if2", graphs::neurons({1.0F}), {add});
  const auto flat = graph.add("flat", ir::Flatten{}, {if2});
  const auto fc = graph.add("fc", graphs::linear(1, {1, 1, 1, 1}), {flat});
  graph.add("output", ir::Output{}, {fc});
  const Lowered lowered = lower(graph, unit_input(1));
  ASSERT_EQ(lowered.program.nodes.size(), 5U);
  const auto* pool = named(lowered, "max").as<program::OrPool>();
  ASSERT_NE(pool, nullptr);
  EXPECT_EQ(pool->rule, program::MaxPoolRule::maximum_of_counts);
  EXPECT_THAT(pool->takes_minimum, ElementsAre(1));
  EXPECT_EQ(layer(lowered, 3).groups[0].source, 2);
  EXPECT_EQ(layer(lowered, 3).groups[1].source, 2);
}

TEST(Lower, AveragesOfTheInputSumItsIntegers) {
  ir::Graph graph;
  const auto input = graph.add("input", ir::Input{{1, 2, 2}, {}});
  const auto avg = graph.add("avg", ir::AvgPool2d{{{2, 2}, {2, 2}, {0, 0}, {1, 1}}}, {input});
  const auto conv = graph.add("conv", graphs::conv({1, 1, 1, 1}, {2.0F}), {avg});
  const auto neurons = graph.add("if", graphs::neurons({1.0F}), {conv});
  const auto flat = graph.add("flat", ir::Flatten{}, {neurons});
  const auto fc = graph.add("fc", graphs::linear(1, {1.0F}), {flat});
  graph.add("output", ir::Output{}, {fc});
  const Lowered lowered = lower(graph, unit_input(1));
  EXPECT_TRUE(lowered.program.nodes[1].as<program::SumPool>());
  EXPECT_DOUBLE_EQ(layer(lowered, 2).scale[0], 2.0 * 0.25 / 127);
}

TEST(Lower, BiasesOfAllBranchesAddUp) {
  ir::Graph graph;
  const auto input = graph.add("input", ir::Input{{1}, {}});
  const auto a = graph.add("a", graphs::linear(1, {127.0F}, {3.0F}), {input});
  const auto b = graph.add("b", graphs::linear(1, {1.0F}, {4.0F}), {input});
  const auto add = graph.add("add", ir::Add{}, {a, b});
  const auto neurons = graph.add("if", graphs::neurons({10.0F}), {add});
  const auto fc = graph.add("fc", graphs::linear(1, {1.0F}), {neurons});
  graph.add("output", ir::Output{}, {fc});
  const Lowered lowered = lower(graph, unit_input(1));
  EXPECT_THAT(layer(lowered, 1).bias, ElementsAre(7));
  EXPECT_THAT(codes(layer(lowered, 1).groups[1]), ElementsAre(1));
}

TEST(Lower, ChannelsOfZerosTakeTheirScaleFromTheThreshold) {
  const Lowered lowered = lower(graphs::two_layers(graphs::linear(2, {0, 0, 1, 1}, {0.25F, 0.0F}),
                                                   graphs::neurons({1.0F, 1.0F}), graphs::linear(1, {0.0F, 0.0F})),
                                unit_input(2));
  const program::IfLayer& if1 = layer(lowered, 1);
  EXPECT_EQ(if1.theta[0], 1 << 14);
  EXPECT_EQ(if1.bias[0], 1 << 12);
  EXPECT_EQ(if1.v0[0], 1 << 13);
  EXPECT_EQ(lowered.rounding[0].channels[0].weight_error, 0.0);
  EXPECT_EQ(lowered.program.output().scale, 1.0);  // nothing at all
}

TEST(Lower, AnOutputOfZerosTakesItsScaleFromTheBias) {
  const Lowered lowered = lower(graphs::two_layers(graphs::linear(1, {1.0F}), graphs::neurons({1.0F}),
                                                   graphs::linear(2, {0.0F, 0.0F}, {-2.0F, 0.5F})),
                                unit_input(1));
  EXPECT_THAT(lowered.program.output().bias, ElementsAre(-(1 << 14), 1 << 12));
}

TEST(Lower, HugeBiasesAndTinyWeightsRaiseTheScale) {
  // bias / k would be 1e6 x 127 / 1e-3 = 1.27e11, far beyond int32.
  const Lowered lowered = lower(graphs::two_layers(graphs::linear(2, {1e-3F, 1e-30F}, {-1e6F, 0.0F}),
                                                   graphs::neurons({1.0F, 1.0F}), graphs::linear(1, {1.0F, 1.0F})),
                                unit_input(1));
  const program::IfLayer& if1 = layer(lowered, 1);
  EXPECT_EQ(if1.bias[0], -(1 << 23));
  EXPECT_EQ(if1.theta[1], 1 << 23);
  EXPECT_GT(lowered.rounding[0].channels[1].weight_error, 0.99);  // and the report says what that cost
}

TEST(Lower, TinyThresholdsKeepTheSmallestEvenOne) {
  const Lowered lowered =
      lower(graphs::two_layers(graphs::linear(1, {127.0F}), graphs::neurons({0.01F}), graphs::linear(1, {1.0F})),
            unit_input(1));
  EXPECT_THAT(layer(lowered, 1).theta, ElementsAre(2));
  EXPECT_THAT(layer(lowered, 1).v0, ElementsAre(1));  // still half of it
  EXPECT_NEAR(lowered.rounding[0].worst_theta_error(), 199.0, 1e-3);
}

TEST(Lower, FewerBitsUseTheirWholeRange) {
  LowerOptions options = unit_input(2);
  for (int bits = 2; bits <= 8; ++bits) {
    options.weight_bits = bits;
    options.input_bits = bits;
    const Lowered lowered = lower(
        graphs::two_layers(graphs::linear(1, {1.0F, -0.25F}), graphs::neurons({1.0F}), graphs::linear(1, {-3.0F})),
        options);
    EXPECT_EQ(codes(layer(lowered, 1).groups[0])[0], largest_code(bits));
    EXPECT_EQ(codes(lowered.program.output().groups[0])[0], -largest_code(bits));
    EXPECT_EQ(lowered.program.input().bits, bits);
  }
}

TEST(Lower, RoundingReportStatesEveryError) {
  // k = 127 / 127 = 1: weights 127 and 0.4 -> 0; theta 9.4 -> 10 (4.7 x 2); bias 2.25 -> 2.
  const Lowered lowered = lower(graphs::two_layers(graphs::linear(1, {127.0F, 0.4F}, {2.25F}), graphs::neurons({9.4F}),
                                                   graphs::linear(1, {1.0F}, {0.0F})),
                                unit_input(2));
  ASSERT_EQ(lowered.rounding.size(), 2U);
  EXPECT_EQ(lowered.rounding[0].layer, "if1");
  EXPECT_EQ(lowered.rounding[1].layer, "output");
  const ChannelRounding& channel = lowered.rounding[0].channels.at(0);
  EXPECT_NEAR(channel.weight_error, 0.4 / std::sqrt(127.0 * 127.0 + 0.16), 1e-9);
  EXPECT_NEAR(channel.bias_error, 0.25 / 9.4, 1e-7);
  EXPECT_NEAR(channel.theta_error, 0.6 / 9.4, 1e-7);
  EXPECT_EQ(lowered.rounding[0].worst_weight_error(), channel.weight_error);
  EXPECT_EQ(lowered.rounding[0].worst_theta_error(), channel.theta_error);
}

TEST(Lower, StatesTheRunItWasLoweredFor) {
  ir::Graph graph = skip_network(0.5F, 1.0F);
  graph.name = "skipper";
  LowerOptions options = unit_input(1);
  options.timesteps = 7;
  const Lowered lowered = lower(graph, options);
  EXPECT_EQ(lowered.program.name, "skipper");
  EXPECT_EQ(lowered.program.timesteps, 7);
  EXPECT_EQ(lowered.bounds.timesteps, 7);
  EXPECT_TRUE(lowered.bounds.exact_in_float32);
}

TEST(Lower, NamesBecomeFitForFilesAndStayUnique) {
  ir::Graph graph;
  const auto input = graph.add("/input", ir::Input{{1}, {}});
  const auto fc1 = graph.add("/block/fc", graphs::linear(1, {1.0F}), {input});
  const auto if1 = graph.add("block.fc", graphs::neurons({1.0F}), {fc1});
  const auto twice = graph.add("twice", ir::Add{}, {if1, if1});
  const auto if2 = graph.add("twice_2", graphs::neurons({1.0F}), {twice});
  const auto fc2 = graph.add("fc2", graphs::linear(1, {1.0F}), {if2});
  graph.add("output", ir::Output{}, {fc2});
  const Lowered lowered = lower(graph, unit_input(1));
  EXPECT_EQ(lowered.program.nodes[0].name, "input");
  EXPECT_EQ(lowered.program.nodes[1].name, "block.fc");
  EXPECT_EQ(layer(lowered, 1).groups[0].name, "block.fc_2");
  EXPECT_EQ(lowered.program.nodes[2].name, "twice_2");
  EXPECT_EQ(layer(lowered, 2).groups[0].name, "twice");
  EXPECT_EQ(layer(lowered, 2).groups[1].name, "twice_3");
  EXPECT_THAT(codes(layer(lowered, 2).groups[1]), ElementsAre(127));
}

}  // namespace
}  // namespace neurocuda::compiler
