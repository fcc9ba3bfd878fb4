/// The shared test support is a yardstick, so it is itself checked against numbers worked out by hand.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "neurocuda/passes/passes.hpp"
#include "support/evaluate.hpp"
#include "support/random_graph.hpp"

namespace neurocuda::testing {
namespace {

using ::testing::ElementsAre;

/// The value of `op` over one input.
Values value_of(ir::Operator op, Shape shape, const Values& image) {
  ir::Graph graph;
  graph.add("input", ir::Input{std::move(shape), {}});
  const std::vector<ir::NodeId> inputs(arity(op), 0);
  graph.add("node", std::move(op), inputs);
  graph.add("output", ir::Output{}, {1});
  return evaluate(graph, image);
}

TEST(Evaluate, Convolutions) {
  const ir::Conv2d plain{Tensor<float>({1, 1, 2, 2}, {1, 2, 3, 4}), Tensor<float>({1}, 10), {.kernel = {2, 2}}, 1};
  EXPECT_THAT(value_of(plain, {1, 2, 3}, {1, 2, 3, 4, 5, 6}), ElementsAre(10 + 1 + 4 + 12 + 20, 10 + 2 + 6 + 15 + 24));
  const ir::Conv2d padded{Tensor<float>({1, 1, 1, 3}, {1, 2, 3}),
                          {},
                          {.kernel = {1, 3}, .stride = {1, 2}, .padding = {0, 2}, .dilation = {1, 2}},
                          1};
  EXPECT_THAT(value_of(padded, {1, 1, 4}, {1, 2, 3, 4}), ElementsAre(2 * 1 + 3 * 3, 1 * 1 + 2 * 3));
  const ir::Conv2d grouped{Tensor<float>({2, 1, 1, 1}, {2, 3}), {}, {}, 2};
  EXPECT_THAT(value_of(grouped, {2, 1, 2}, {1, 2, 3, 4}), ElementsAre(2, 4, 9, 12));
}

TEST(Evaluate, Pools) {
  const Window window{{2, 2}, {2, 2}, {1, 1}, {1, 1}};
  const Values image{1, -2, 3, -4};  // padded to 4x4: one value in each window
  EXPECT_THAT(value_of(ir::AvgPool2d{window}, {1, 2, 2}, image), ElementsAre(0.25, -0.5, 0.75, -1));
  EXPECT_THAT(value_of(ir::MaxPool2d{window}, {1, 2, 2}, image), ElementsAre(1, -2, 3, -4));
  EXPECT_THAT(value_of(ir::GlobalAvgPool{}, {2, 1, 2}, image), ElementsAre(-0.5, -0.5));
}

TEST(Evaluate, TheRest) {
  EXPECT_THAT(value_of(ir::Linear{Tensor<float>({1, 2}, {3, 4}), Tensor<float>({1}, 5)}, {2}, {1, 2}), ElementsAre(16));
  EXPECT_THAT(value_of(ir::Add{}, {2}, {1, 2}), ElementsAre(2, 4));
  EXPECT_THAT(value_of(ir::ReLU{}, {2}, {-1, 2}), ElementsAre(0, 2));
  const Tensor<float> one({1}, 1), two({1}, 2), three({1}, 3);
  EXPECT_THAT(value_of(ir::BatchNorm2d{two, one, three, three, 1.0F}, {1, 1, 2}, {5, 3}), ElementsAre(3, 1));
  // lambda 2, L = 4: steps of 0.5, each centred on its multiple.
  EXPECT_THAT(value_of(ir::QCFS{Tensor<float>({4}, 2.0F), 4}, {4}, {-1, 0.24, 0.26, 9}), ElementsAre(0, 0, 0.5, 2));
}

TEST(RandomGraph, SameSeedSameGraph) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const ir::Graph graph = random_graph(seed, true);
    EXPECT_EQ(to_string(graph), to_string(random_graph(seed, true)));
    const Values image = random_image(graph, seed);
    EXPECT_EQ(evaluate(graph, image), evaluate(random_graph(seed, true), image));
    EXPECT_NE(to_string(graph), to_string(random_graph(seed + 100, true)));
  }
}

TEST(RandomGraph, CoversEveryOperator) {
  std::vector<bool> seen(std::variant_size_v<ir::Operator>, false);
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    const ir::Graph graph = random_graph(seed, true);
    for (const ir::Node& node : graph.nodes()) seen[node.op.index()] = true;
  }
  for (const ir::Operator& op : {ir::Operator{ir::Add{}}, ir::Operator{ir::AvgPool2d{}}, ir::Operator{ir::MaxPool2d{}},
                                 ir::Operator{ir::GlobalAvgPool{}}, ir::Operator{ir::Identity{}},
                                 ir::Operator{ir::Dropout{}}, ir::Operator{ir::BatchNorm2d{}}}) {
    EXPECT_TRUE(seen[op.index()]) << operator_name(op);
  }
}

}  // namespace
}  // namespace neurocuda::testing
