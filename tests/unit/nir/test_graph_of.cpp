#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "neurocuda/base/error.hpp"
#include "nir/native/native.hpp"
#include "sample_program.hpp"
#include "support/expect_error.hpp"

namespace neurocuda::nir {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::UnorderedElementsAre;

const Node& node(const Graph& graph, const std::string& name) {
  const auto found =
      std::find_if(graph.nodes.begin(), graph.nodes.end(), [&](const Node& n) { return n.name == name; });
  if (found == graph.nodes.end()) throw std::out_of_range("no node " + name);
  return *found;
}

const std::vector<float>& floats(const Node& node, const std::string& key) {
  return std::get<std::vector<float>>(node.parameters.leaves.at(key).values);
}

std::vector<std::string> before(const Graph& graph, const std::string& name) {
  std::vector<std::string> sources;
  for (const auto& [from, to] : graph.edges) {
    if (to == name) sources.push_back(from);
  }
  return sources;
}

TEST(NativeGraph, EachPartBecomesItsPrimitive) {
  const Graph graph = native::graph_of(testing::sample_program(), "sample");
  EXPECT_EQ(node(graph, "input").type, "Input");
  EXPECT_EQ(node(graph, "layer1_0_relu").type, "IF");
  EXPECT_EQ(node(graph, "layer1_0_conv1").type, "Conv2d");
  EXPECT_EQ(node(graph, "layer1_0_skip").type, "Scale");
  EXPECT_EQ(node(graph, "max_sum").type, "SumPool2d");
  EXPECT_EQ(node(graph, "max").type, "Threshold");
  EXPECT_EQ(node(graph, "avg").type, "SumPool2d");
  EXPECT_EQ(node(graph, "avg_flatten").type, "Flatten");
  EXPECT_EQ(node(graph, "head").type, "Affine");
  EXPECT_EQ(node(graph, "aux").type, "Linear");
  EXPECT_EQ(node(graph, "output").type, "Output");
}

TEST(NativeGraph, ShapesAreFullAndWeightsInIntegerUnits) {
  const program::Program program = testing::sample_program();
  const Graph graph = native::graph_of(program, "sample");
  const Node& neurons = node(graph, "layer1_0_relu");
  EXPECT_EQ(neurons.parameters.leaves.at("v_threshold").shape, (Shape{4, 6, 8}));
  EXPECT_EQ(neurons.parameters.leaves.at("r").shape, (Shape{4, 6, 8}));
  EXPECT_FALSE(neurons.parameters.leaves.contains("v_reset"));
  const auto& layer = *program.nodes[1].as<program::IfLayer>();
  EXPECT_EQ(floats(neurons, "v_threshold")[48], static_cast<float>(layer.theta[1]));

  const auto& group = layer.groups[0];
  const auto& weight = std::get<program::Conv>(group.connection).weight;
  const Node& conv = node(graph, "layer1_0_conv1");
  for (std::int64_t i = 0; i < weight.size(); ++i) {
    const float expected = static_cast<float>(weight[i] * (1 << group.shift[static_cast<std::size_t>(i / 18)]));
    EXPECT_EQ(floats(conv, "weight")[static_cast<std::size_t>(i)], expected);
  }
  EXPECT_EQ(conv.parameters.leaves.at("input_shape"), (Array{{2}, std::vector<std::int64_t>{6, 8}}));
}

TEST(NativeGraph, OneGroupCarriesTheBias) {
  const program::Program program = testing::sample_program();
  const Graph graph = native::graph_of(program, "sample");
  const auto& bias = program.nodes[2].as<program::IfLayer>()->bias;
  EXPECT_EQ(floats(node(graph, "layer1_0_conv2"), "bias"), std::vector<float>(bias.begin(), bias.end()));
  // The layer "if" has identity skips only: the first is written dense, so that it can have a bias.
  EXPECT_EQ(node(graph, "training_2").type, "Conv2d");
  EXPECT_EQ(node(graph, "training_2").parameters.leaves.at("weight").shape, (Shape{4, 4, 1, 1}));
  EXPECT_EQ(node(graph, "training_2_2").type, "Scale");
  EXPECT_EQ(node(graph, "self_2").type, "Affine");
}

TEST(NativeGraph, EdgesFollowTheGroups) {
  const Graph graph = native::graph_of(testing::sample_program(), "sample");
  EXPECT_THAT(before(graph, "layer1_0_conv1"), ElementsAre("input"));
  EXPECT_THAT(before(graph, "layer1_0_add"), ElementsAre("layer1_0_skip", "layer1_0_conv2"));
  EXPECT_THAT(before(graph, "layer1_0_skip"), ElementsAre("layer1_0_relu"));
  EXPECT_THAT(before(graph, "max"), ElementsAre("max_sum"));
  EXPECT_THAT(before(graph, "avg"), ElementsAre("max"));
  EXPECT_THAT(before(graph, "fc"), ElementsAre("avg_flatten"));
  EXPECT_THAT(before(graph, "aux"), ElementsAre("avg_flatten")) << "one Flatten behind a source";
  EXPECT_THAT(before(graph, "output"), UnorderedElementsAre("head", "aux"));
}

TEST(NativeGraph, NamesThatNoFileCanHoldAreRefused) {
  program::Program program = testing::tiny_program();
  program.nodes[1].name = "hidden\xFF";
  testing::expect_error<UserError>([&] { native::graph_of(program, "out.nir"); }, {"out.nir", "hidden", "UTF-8"});
}

}  // namespace
}  // namespace neurocuda::nir
