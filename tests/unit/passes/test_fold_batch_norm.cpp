#include <gtest/gtest.h>

#include "neurocuda/ir/analysis.hpp"
#include "neurocuda/passes/passes.hpp"
#include "support/evaluate.hpp"
#include "support/expect_error.hpp"
#include "support/random_graph.hpp"

namespace neurocuda::passes {
namespace {

using ir::Graph;
using neurocuda::testing::evaluate;
using neurocuda::testing::expect_error;
using neurocuda::testing::random_graph;
using neurocuda::testing::random_image;
using neurocuda::testing::random_tensor;

ir::BatchNorm2d batch_norm(std::int64_t channels, std::uint64_t seed) {
  Random random(seed);
  return {random_tensor(random, {channels}, -1.5, 1.5), random_tensor(random, {channels}, -1, 1),
          random_tensor(random, {channels}, -1, 1), random_tensor(random, {channels}, 0.2, 3), 1e-3F};
}

ir::Conv2d conv(std::int64_t outputs, std::int64_t inputs, std::uint64_t seed) {
  Random random(seed);
  return {random_tensor(random, {outputs, inputs, 3, 3}, -1, 1), {}, {.kernel = {3, 3}, .padding = {1, 1}}, 1};
}

/// Rounding the folded weights to float moves a sum of n products by about n eps times their size.
void expect_same_values(const Graph& left, const Graph& right, std::uint64_t seed) {
  const auto image = random_image(left, seed);
  const auto expected = evaluate(left, image);
  const auto actual = evaluate(right, image);
  ASSERT_EQ(actual.size(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    EXPECT_NEAR(actual[i], expected[i], 2e-6 * (1 + std::abs(expected[i]))) << "seed " << seed << ", value " << i;
  }
}

void expect_no_batch_norm(const Graph& graph) {
  for (const ir::Node& node : graph.nodes()) EXPECT_EQ(node.as<ir::BatchNorm2d>(), nullptr) << node.name;
}

TEST(FoldBatchNorm, RandomResidualNetworksKeepTheirValues) {
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    const Graph graph = random_graph(seed, true);
    const Graph folded = fold_batch_norm(graph);
    expect_no_batch_norm(folded);
    EXPECT_NO_THROW(ir::validate(folded));
    expect_same_values(graph, folded, seed);
  }
}

TEST(FoldBatchNorm, FollowsTheFormula) {
  Graph graph;
  graph.add("input", ir::Input{{1}, {}});
  graph.add("fc", ir::Linear{Tensor<float>({1, 1}, 3.0F), Tensor<float>({1}, 5.0F)}, {0});
  const auto one = [](float value) { return Tensor<float>({1}, value); };
  graph.add("bn", ir::BatchNorm2d{one(2.0F), one(7.0F), one(1.0F), one(15.0F), 1.0F}, {1});
  graph.add("output", ir::Output{}, {2});
  const Graph folded = fold_batch_norm(graph);
  const auto* fc = folded.node(folded.find("fc")).as<ir::Linear>();
  EXPECT_EQ(fc->weight[0], 1.5F) << "3 x 2 / sqrt(15 + 1)";
  EXPECT_EQ((*fc->bias)[0], 9.0F) << "(5 - 1) x 2 / 4 + 7";
  EXPECT_EQ(std::get<ir::Linear>(graph.op(1)).weight[0], 3.0F) << "the argument stays as it was";
}

TEST(FoldBatchNorm, GivesABiasWhereThereWasNone) {
  Graph graph;
  graph.add("input", ir::Input{{2, 5, 4}, {}});
  graph.add("conv", conv(3, 2, 1), {0});
  graph.add("bn", batch_norm(3, 2), {1});
  graph.add("output", ir::Output{}, {2});
  const Graph folded = fold_batch_norm(graph);
  EXPECT_TRUE(folded.node(1).as<ir::Conv2d>()->bias.has_value());
  expect_same_values(graph, folded, 3);
}

TEST(FoldBatchNorm, SkipsIdentitiesAndStacks) {
  Graph graph;
  graph.add("input", ir::Input{{2, 5, 4}, {}});
  graph.add("conv", conv(3, 2, 4), {0});
  graph.add("same", ir::Identity{}, {1});
  graph.add("bn1", batch_norm(3, 5), {2});
  graph.add("drop", ir::Dropout{}, {3});
  graph.add("bn2", batch_norm(3, 6), {4});
  graph.add("output", ir::Output{}, {5});
  const Graph folded = fold_batch_norm(graph);
  EXPECT_EQ(folded.size(), 3U);
  expect_same_values(graph, folded, 7);
}

TEST(FoldBatchNorm, RefusesABatchNormBehindAnAdd) {
  Graph graph;
  graph.add("input", ir::Input{{2, 5, 4}, {}});
  graph.add("sum", ir::Add{}, {0, 0});
  graph.add("bn", batch_norm(2, 1), {1});
  graph.add("output", ir::Output{}, {2});
  expect_error<ConversionError>([&] { fold_batch_norm(graph); }, {"BatchNorm2d 'bn'", "follows Add 'sum'"});
}

TEST(FoldBatchNorm, RefusesAConvolutionWithOtherReaders) {
  Graph graph;
  graph.add("input", ir::Input{{2, 5, 4}, {}});
  graph.add("conv", conv(2, 2, 1), {0});
  graph.add("bn", batch_norm(2, 2), {1});
  graph.add("sum", ir::Add{}, {2, 1});
  graph.add("output", ir::Output{}, {3});
  expect_error<ConversionError>([&] { fold_batch_norm(graph); },
                                {"BatchNorm2d 'bn'", "Conv2d 'conv' is read by 'sum' too"});
}

TEST(FoldBatchNorm, RefusesABatchNormThatSomebodyElseReadsBeforeTheNext) {
  Graph graph;
  graph.add("input", ir::Input{{2, 5, 4}, {}});
  graph.add("conv", conv(2, 2, 1), {0});
  graph.add("bn1", batch_norm(2, 2), {1});
  graph.add("bn2", batch_norm(2, 3), {2});
  graph.add("sum", ir::Add{}, {2, 3});
  graph.add("output", ir::Output{}, {4});
  expect_error<ConversionError>([&] { fold_batch_norm(graph); }, {"'bn2'", "'bn1' is read by 'sum' too"});
}

TEST(FoldBatchNorm, RefusesParametersOfTheWrongSize) {
  Graph graph;
  graph.add("input", ir::Input{{2, 5, 4}, {}});
  graph.add("conv", conv(2, 2, 1), {0});
  graph.add("bn", batch_norm(1, 2), {1});
  graph.add("output", ir::Output{}, {2});
  expect_error<UserError>([&] { fold_batch_norm(graph); }, {"'bn'", "(1,)"});
}

}  // namespace
}  // namespace neurocuda::passes
