#include <gtest/gtest.h>

#include "neurocuda/base/error.hpp"
#include "neurocuda/ir/analysis.hpp"
#include "neurocuda/ir/branches.hpp"
#include "support/expect_error.hpp"
#include "support/random_graph.hpp"

namespace neurocuda::ir {
namespace {

using neurocuda::testing::expect_error;

constexpr std::int64_t kChannels = 4;

Conv2d conv(std::int64_t inputs = kChannels) {
  return {Tensor<float>({kChannels, inputs, 3, 3}, 0.1F), {}, {.kernel = {3, 3}, .padding = {1, 1}}, 1};
}
Linear linear(std::int64_t features) { return {Tensor<float>({10, features}, 0.1F), {}}; }
const Window kHalf{{2, 2}, {2, 2}, {0, 0}, {1, 1}};

/// input (2, 8, 6) -> conv1 -> relu1 (4, 8, 6): what the cases continue.
Graph stem() {
  Graph graph;
  graph.add("input", Input{{2, 8, 6}, {}});
  graph.add("conv1", conv(2), {0});
  graph.add("relu1", ReLU{}, {1});
  return graph;
}

std::vector<Branch> branches_of(const Graph& graph, std::string_view layer) {
  infer_shapes(graph);  // the cases must fit together
  return branches(Wiring(graph), graph.find(layer));
}

void expect_refused(const Graph& graph, std::string_view layer, const std::vector<std::string>& parts) {
  expect_error<ConversionError>([&] { branches_of(graph, layer); }, parts);
}

void expect_branch(const Graph& graph, const Branch& branch, const char* connection, const char* value,
                   const char* source, bool diagonal, double gain) {
  EXPECT_EQ(graph.node(branch.connection).name, connection);
  EXPECT_EQ(graph.node(branch.value).name, value);
  EXPECT_EQ(graph.node(branch.source).name, source);
  EXPECT_EQ(branch.diagonal, diagonal);
  EXPECT_DOUBLE_EQ(branch.gain, gain);
}

TEST(Branches, AConvolutionOverTheInput) {
  const Graph graph = stem();
  const auto found = branches_of(graph, "relu1");
  ASSERT_EQ(found.size(), 1U);
  expect_branch(graph, found[0], "conv1", "input", "input", false, 1.0);
}

TEST(Branches, AResidualAddIsTwoBranchesLeftToRight) {
  Graph graph = stem();
  const NodeId conv2 = graph.add("conv2", conv(), {2});
  const NodeId add = graph.add("add", Add{}, {2, conv2});
  graph.add("relu2", ReLU{}, {add});
  const auto found = branches_of(graph, "relu2");
  ASSERT_EQ(found.size(), 2U);
  expect_branch(graph, found[0], "add", "relu1", "relu1", true, 1.0);
  expect_branch(graph, found[1], "conv2", "relu1", "relu1", false, 1.0);
}

TEST(Branches, NestedAddsAndIdentitiesKeepTheirOrder) {
  Graph graph = stem();
  const NodeId conv2 = graph.add("conv2", conv(), {2});
  const NodeId conv3 = graph.add("conv3", conv(), {2});
  const NodeId inner = graph.add("inner", Add{}, {conv3, conv2});
  const NodeId drop = graph.add("drop", Dropout{}, {inner});
  const NodeId same = graph.add("same", Identity{}, {2});
  const NodeId outer = graph.add("outer", Add{}, {drop, same});
  graph.add("relu2", ReLU{}, {outer});
  const auto found = branches_of(graph, "relu2");
  ASSERT_EQ(found.size(), 3U);
  expect_branch(graph, found[0], "conv3", "relu1", "relu1", false, 1.0);
  expect_branch(graph, found[1], "conv2", "relu1", "relu1", false, 1.0);
  expect_branch(graph, found[2], "outer", "same", "relu1", true, 1.0);
}

TEST(Branches, AveragePoolsGiveAGain) {
  Graph graph = stem();
  const NodeId average = graph.add("average", AvgPool2d{kHalf}, {2});
  const NodeId global = graph.add("global", GlobalAvgPool{}, {average});
  const NodeId flat = graph.add("flat", Flatten{}, {global});
  const NodeId fc = graph.add("fc", linear(kChannels), {flat});
  graph.add("output", Output{}, {fc});
  const auto found = branches_of(graph, "output");
  ASSERT_EQ(found.size(), 1U);
  expect_branch(graph, found[0], "fc", "flat", "relu1", false, 1.0 / 4 / (4 * 3));
}

TEST(Branches, MaxPoolsLeaveTheGain) {
  Graph graph = stem();
  const NodeId largest = graph.add("largest", MaxPool2d{kHalf}, {2});
  const NodeId again = graph.add("again", MaxPool2d{kHalf}, {largest});
  const NodeId average = graph.add("average", AvgPool2d{{.kernel = {2, 1}}}, {again});
  const NodeId conv2 = graph.add("conv2", conv(), {average});
  graph.add("relu2", ReLU{}, {conv2});
  expect_branch(graph, branches_of(graph, "relu2")[0], "conv2", "average", "relu1", false, 0.5);
}

TEST(Branches, AnIdentitySkipMayPool) {
  Graph graph = stem();
  const NodeId average = graph.add("average", AvgPool2d{kHalf}, {2});
  graph.add("relu2", ReLU{}, {average});
  const auto found = branches_of(graph, "relu2");
  ASSERT_EQ(found.size(), 1U);
  expect_branch(graph, found[0], "relu2", "average", "relu1", true, 0.25);
}

TEST(Branches, TheInputMayBeAveraged) {
  Graph graph;
  graph.add("input", Input{{2, 8, 6}, {}});
  graph.add("average", AvgPool2d{kHalf}, {0});
  graph.add("conv", conv(2), {1});
  graph.add("relu", ReLU{}, {2});
  expect_branch(graph, branches_of(graph, "relu")[0], "conv", "average", "input", false, 0.25);
}

TEST(Branches, EveryKindOfNeuronIsALayer) {
  Graph graph = stem();
  EXPECT_TRUE(is_activation(graph.node(2)));
  EXPECT_FALSE(is_activation(graph.node(1)));
  graph.op(2) = QCFS{Tensor<float>({kChannels}, 1.0F), 8};
  EXPECT_EQ(branches_of(graph, "relu1").size(), 1U);
  graph.op(2) = IF{Tensor<float>({kChannels}, 1.0F), Tensor<float>({kChannels}, 0.5F)};
  EXPECT_EQ(branches_of(graph, "relu1").size(), 1U);
  EXPECT_THROW(branches(Wiring(graph), 1), InternalError);
}

TEST(Branches, RandomGraphsAreLinearBetweenLayers) {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    const Graph graph = neurocuda::testing::random_graph(seed, false);
    for (NodeId id = 0; id < graph.size(); ++id) {
      const Node& node = graph.node(id);
      if (is_activation(node) || node.as<Output>()) {
        EXPECT_GE(branches(Wiring(graph), id).size(), 1U) << seed << " " << node.name;
      }
    }
  }
}

TEST(BranchesRefuse, ConvolutionsOfConvolutions) {
  Graph graph = stem();
  const NodeId conv2 = graph.add("bottleneck", conv(), {2});
  const NodeId conv3 = graph.add("conv3", conv(), {conv2});
  graph.add("relu2", ReLU{}, {conv3});
  expect_refused(graph, "relu2", {"Conv2d 'conv3'", "currents of Conv2d 'bottleneck'"});
}

TEST(BranchesRefuse, PoolsOfCurrents) {
  Graph graph = stem();
  const NodeId conv2 = graph.add("conv2", conv(), {2});
  const NodeId pool = graph.add("pool", AvgPool2d{kHalf}, {conv2});
  graph.add("relu2", ReLU{}, {pool});
  expect_refused(graph, "relu2", {"AvgPool2d 'pool'", "currents of Conv2d 'conv2'"});
}

TEST(BranchesRefuse, BatchNormsThatWereNotFolded) {
  Graph graph = stem();
  const Tensor<float> ones({kChannels}, 1.0F);
  const NodeId norm = graph.add("bn", BatchNorm2d{ones, ones, ones, ones}, {2});
  graph.add("relu2", ReLU{}, {norm});
  expect_refused(graph, "relu2", {"BatchNorm2d 'bn'", "fold_batch_norm"});
}

TEST(BranchesRefuse, PreActivationStreams) {
  Graph graph = stem();
  const NodeId conv2 = graph.add("conv2", conv(), {2});
  const NodeId stream = graph.add("stream", Add{}, {2, conv2});
  const NodeId relu2 = graph.add("relu2", ReLU{}, {stream});
  const NodeId conv3 = graph.add("conv3", conv(), {relu2});
  const NodeId next = graph.add("next", Add{}, {stream, conv3});
  graph.add("relu3", ReLU{}, {next});
  expect_refused(graph, "relu2", {"Add 'stream'", "'relu2'", "'next'", "pre-activation"});
  expect_refused(graph, "relu3", {"Add 'stream'"});
}

TEST(BranchesRefuse, DoubledSumsDoNotExplode) {
  Graph graph = stem();
  NodeId sum = 2;
  for (int i = 0; i < 100; ++i) sum = graph.add("sum" + std::to_string(i), Add{}, {sum, sum});
  graph.add("relu2", ReLU{}, {sum});
  expect_refused(graph, "relu2", {"Add 'sum98'", "'sum99' and 'sum99'"});
}

TEST(BranchesRefuse, MaxPoolsOfWhatIsNoSpike) {
  Graph graph = stem();
  const NodeId average = graph.add("average", AvgPool2d{kHalf}, {2});
  const NodeId largest = graph.add("largest", MaxPool2d{kHalf}, {average});
  const NodeId conv2 = graph.add("conv2", conv(), {largest});
  graph.add("relu2", ReLU{}, {conv2});
  expect_refused(graph, "relu2", {"MaxPool2d 'largest'", "'average'", "OR of spikes"});

  Graph over_input;
  over_input.add("input", Input{{2, 8, 6}, {}});
  over_input.add("largest", MaxPool2d{kHalf}, {0});
  over_input.add("conv", conv(2), {1});
  over_input.add("relu", ReLU{}, {2});
  expect_refused(over_input, "relu", {"MaxPool2d 'largest'", "input image"});
}

TEST(BranchesRefuse, InputsWithoutWeights) {
  Graph graph;
  graph.add("input", Input{{kChannels, 8, 6}, {}});
  graph.add("conv", conv(), {0});
  graph.add("add", Add{}, {1, 0});
  graph.add("relu", ReLU{}, {2});
  expect_refused(graph, "relu", {"Add 'add'", "without a weight", "1x1 convolution"});
}

TEST(BranchesRefuse, FlattenedSkips) {
  Graph graph = stem();
  const NodeId flat = graph.add("flat", Flatten{}, {2});
  graph.add("relu2", ReLU{}, {flat});
  expect_refused(graph, "relu2", {"Flatten 'flat'", "'relu2'", "behind the activation"});
}

TEST(BranchesRefuse, NamesNodeReasonAndRemedyApart) {
  Graph graph = stem();
  const NodeId bottleneck = graph.add("bottleneck", conv(), {2});
  const NodeId conv3 = graph.add("conv3", conv(), {bottleneck});
  graph.add("relu2", ReLU{}, {conv3});
  try {
    branches(Wiring(graph), graph.find("relu2"));
    FAIL();
  } catch (const BranchRefusal& refusal) {
    EXPECT_EQ(refusal.node, conv3);
    EXPECT_EQ(refusal.reason, "reads the currents of Conv2d 'bottleneck' with no activation between");
    EXPECT_EQ(refusal.remedy, "put a ReLU behind 'bottleneck'");
    EXPECT_EQ(refusal.what(), "Conv2d 'conv3': " + refusal.reason + "; " + refusal.remedy);
  }
}

TEST(BranchesRefuse, OutputsThatAreNotOneLinear) {
  Graph spikes = stem();
  spikes.add("output", Output{}, {2});
  expect_refused(spikes, "output", {"Output 'output'", "ReLU 'relu1'", "Linear"});

  Graph convolution = stem();
  const NodeId conv2 = convolution.add("conv2", conv(), {2});
  convolution.add("output", Output{}, {conv2});
  expect_refused(convolution, "output", {"Output 'output'", "Conv2d 'conv2'"});
}

TEST(Branches, TheOutputMayBeASumOfLinears) {
  Graph sum = stem();
  const NodeId flat = sum.add("flat", Flatten{}, {2});
  const NodeId left = sum.add("left", linear(4 * 8 * 6), {flat});
  const NodeId right = sum.add("right", linear(4 * 8 * 6), {flat});
  const NodeId both = sum.add("both", Add{}, {left, right});
  const NodeId output = sum.add("output", Output{}, {both});
  const auto into = branches(Wiring(sum), output);
  ASSERT_EQ(into.size(), 2U);
  EXPECT_EQ(into[0].connection, left);
  EXPECT_EQ(into[1].connection, right);
}

TEST(Branches, DeepChainsNeedNoDeepStack) {
  Graph graph = stem();
  NodeId sum = 2;
  for (int i = 0; i < 50000; ++i) sum = graph.add("sum" + std::to_string(i), Add{}, {sum, 2});
  graph.add("relu2", ReLU{}, {sum});
  EXPECT_EQ(branches(Wiring(graph), graph.find("relu2")).size(), 50001U);
}

}  // namespace
}  // namespace neurocuda::ir
