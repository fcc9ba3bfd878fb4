#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "neurocuda/base/error.hpp"
#include "neurocuda/ir/graph.hpp"
#include "support/expect_error.hpp"

namespace neurocuda::ir {
namespace {

using neurocuda::testing::expect_error;
using ::testing::ElementsAre;

Graph residual() {
  Graph graph;
  const NodeId input = graph.add("input", Input{{2, 4, 4}, {}});
  const NodeId relu = graph.add("relu", ReLU{}, {input});
  const NodeId twice = graph.add("twice", Add{}, {relu, relu});
  graph.add("output", Output{}, {twice});
  return graph;
}

TEST(Graph, FindsNodesByName) {
  const Graph graph = residual();
  EXPECT_EQ(graph.size(), 4U);
  EXPECT_EQ(graph.find("relu"), 1U);
  EXPECT_TRUE(graph.contains("twice"));
  EXPECT_FALSE(graph.contains("thrice"));
  expect_error<UserError>([&] { graph.find("thrice"); }, {"'thrice'"});
}

TEST(Graph, KnowsInputAndOutput) {
  Graph graph = residual();
  EXPECT_EQ(graph.input(), 0U);
  EXPECT_EQ(graph.output(), 3U);
  EXPECT_EQ(graph.input_operator().shape, (Shape{2, 4, 4}));
  graph.add("second", Output{}, {1});
  expect_error<UserError>([&] { graph.output(); }, {"2 Output nodes"});
  expect_error<UserError>([] { Graph().input(); }, {"0 Input nodes"});
}

TEST(Graph, ConsumersCountEveryRead) {
  const auto consumers = residual().consumers();
  EXPECT_THAT(consumers[0], ElementsAre(1));
  EXPECT_THAT(consumers[1], ElementsAre(2, 2));
  EXPECT_THAT(consumers[3], ElementsAre());
}

TEST(Graph, UniqueNamesCountUp) {
  Graph graph = residual();
  EXPECT_EQ(graph.unique_name("fresh"), "fresh");
  EXPECT_EQ(graph.unique_name("relu"), "relu_2");
  graph.add("relu_2", ReLU{}, {0});
  EXPECT_EQ(graph.unique_name("relu"), "relu_3");
}

TEST(Graph, RefusesWiringMistakes) {
  Graph graph = residual();
  expect_error<UserError>([&] { graph.add("relu", ReLU{}, {0}); }, {"'relu'", "taken"});
  expect_error<UserError>([&] { graph.add("", ReLU{}, {0}); }, {"ReLU", "no name"});
  expect_error<UserError>([&] { graph.add("sum", Add{}, {0}); }, {"'sum'", "2 input", "not 1"});
  expect_error<UserError>([&] { graph.add("later", ReLU{}, {4}); }, {"'later'", "does not exist"});
  EXPECT_EQ(graph.size(), 4U) << "a refused node must leave no trace";
  EXPECT_FALSE(graph.contains("later"));
}

TEST(Operators, NamesAndArities) {
  EXPECT_EQ(operator_name(Input{}), "Input");
  EXPECT_EQ(operator_name(BatchNorm2d{}), "BatchNorm2d");
  EXPECT_EQ(operator_name(QCFS{}), "QCFS");
  EXPECT_EQ(operator_name(IF{}), "IF");
  EXPECT_EQ(operator_name(GlobalAvgPool{}), "GlobalAvgPool");
  EXPECT_EQ(operator_name(Output{}), "Output");
  EXPECT_EQ(arity(Input{}), 0U);
  EXPECT_EQ(arity(Add{}), 2U);
  EXPECT_EQ(arity(MaxPool2d{}), 1U);
  EXPECT_EQ(label({"conv1", Conv2d{}, {}}), "Conv2d 'conv1'");
}

TEST(Operators, ParametersMayChangeInPlace) {
  Graph graph = residual();
  graph.op(1) = QCFS{Tensor<float>({2}, 1.0F), 4};
  EXPECT_EQ(graph.node(1).as<QCFS>()->levels, 4);
  EXPECT_EQ(graph.node(1).as<ReLU>(), nullptr);
}

}  // namespace
}  // namespace neurocuda::ir
