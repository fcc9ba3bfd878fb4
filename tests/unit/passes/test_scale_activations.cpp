#include <gtest/gtest.h>

#include <cmath>

#include "neurocuda/base/random.hpp"
#include "neurocuda/ir/hash.hpp"
#include "neurocuda/passes/passes.hpp"
#include "support/evaluate.hpp"
#include "support/random_graph.hpp"

namespace neurocuda::passes {
namespace {

ir::Operator conv(Random& random, std::int64_t outputs, std::int64_t inputs) {
  return ir::Conv2d{testing::random_tensor(random, {outputs, inputs, 3, 3}, -1, 1),
                    testing::random_tensor(random, {outputs}, -1, 1),
                    {{3, 3}, {1, 1}, {1, 1}},
                    1};
}

/// input -> first -> relu1 -> (norm of second) + relu1 -> relu2 -> third -> relu3 -> fc
ir::Graph two_units() {
  Random random(5);
  ir::Graph graph;
  graph.add("input", ir::Input{{2, 5, 5}, {}});
  graph.add("first", conv(random, 3, 2), {0});
  graph.add("relu1", ir::ReLU{4.0F}, {1});
  graph.add("second", conv(random, 3, 3), {2});
  const auto values = [&](double low, double high) { return testing::random_tensor(random, {3}, low, high); };
  graph.add("norm", ir::BatchNorm2d{values(0.5, 1), values(-1, 1), values(-1, 1), values(0.5, 2), 1e-5F}, {3});
  graph.add("sum", ir::Add{}, {4, 2});
  graph.add("relu2", ir::ReLU{}, {5});
  graph.add("third", conv(random, 4, 3), {6});
  graph.add("relu3", ir::ReLU{}, {7});
  graph.add("flatten", ir::Flatten{}, {8});
  graph.add("fc", ir::Linear{testing::random_tensor(random, {2, 100}, -1, 1), {}}, {9});
  graph.add("output", ir::Output{}, {10});
  return graph;
}

testing::Values image() {
  Random random(6);
  const Tensor<float> pixels = testing::random_tensor(random, {2, 5, 5}, -1, 1);
  return {pixels.values().begin(), pixels.values().end()};
}

TEST(ScaleActivations, LeavesOrdinarySizes) {
  const ir::Graph graph = two_units();
  EXPECT_EQ(ir::hash_of(scale_activations(graph, {{"relu1", 60}, {"relu2", 0.02}, {"relu3", 1}})), ir::hash_of(graph));
}

TEST(ScaleActivations, ChangesUnitsExactly) {
  const ir::Graph graph = two_units();
  const ir::Graph scaled = scale_activations(graph, {{"relu1", 300}, {"relu2", 1000}, {"relu3", 0x1p-20}});
  const auto before = testing::evaluate_nodes(graph, image()), after = testing::evaluate_nodes(scaled, image());
  const auto expect_scaled = [&](const char* name, double factor) {
    const ir::NodeId id = graph.find(name);
    for (std::size_t i = 0; i < before[id].size(); ++i) EXPECT_DOUBLE_EQ(after[id][i], before[id][i] * factor) << name;
  };
  expect_scaled("relu1", 0x1p-9);  // the identity skip gives both the unit of the larger one: 1000 is 2^9 and more
  expect_scaled("relu2", 0x1p-9);
  expect_scaled("relu3", 0x1p20);
  expect_scaled("output", 1);
  EXPECT_EQ(scaled.node(graph.find("relu1")).as<ir::ReLU>()->cap, 0x1p-7F);
}

TEST(ScaleActivations, TakesNoUnitFromWhatIsNotANumber) {
  const ir::Graph graph = two_units();
  EXPECT_EQ(ir::hash_of(scale_activations(graph, {{"relu1", INFINITY}, {"relu3", 0}})), ir::hash_of(graph));
}

}  // namespace
}  // namespace neurocuda::passes
