#include <gtest/gtest.h>

#include <limits>

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

template <class Op>
int count(const Graph& graph) {
  int found = 0;
  for (const ir::Node& node : graph.nodes()) found += node.as<Op>() != nullptr;
  return found;
}

/// input (3,) -> drop -> same -> relu -> fc -> tail -> output
Graph small() {
  Graph graph;
  graph.name = "small";
  graph.add("input", ir::Input{{3}, {{0.5F, 0.5F, 0.5F}, {0.2F, 0.2F, 0.2F}}});
  graph.add("drop", ir::Dropout{}, {0});
  graph.add("same", ir::Identity{}, {1});
  graph.add("fc1", ir::Linear{Tensor<float>({2, 3}, 0.5F), {}}, {2});
  graph.add("relu", ir::ReLU{}, {3});
  graph.add("fc2", ir::Linear{Tensor<float>({4, 2}, 0.25F), {}}, {4});
  graph.add("tail", ir::Identity{}, {5});
  graph.add("output", ir::Output{}, {6});
  return graph;
}

TEST(MapOperators, KeepsNamesAndWiring) {
  const Graph graph = small();
  const Graph mapped = map_operators(
      graph, [](const ir::Node& node) -> ir::Operator { return node.as<ir::Dropout>() ? ir::Identity{} : node.op; });
  ASSERT_EQ(mapped.size(), graph.size());
  EXPECT_EQ(mapped.name, "small");
  for (ir::NodeId id = 0; id < graph.size(); ++id) {
    EXPECT_EQ(mapped.node(id).name, graph.node(id).name);
    EXPECT_EQ(mapped.node(id).inputs, graph.node(id).inputs);
  }
  EXPECT_EQ(count<ir::Dropout>(mapped), 0);
  EXPECT_EQ(count<ir::Identity>(mapped), 3);
  EXPECT_EQ(count<ir::Dropout>(graph), 1) << "the argument stays as it was";
}

TEST(RemoveIdentities, ReconnectsTheirReaders) {
  const Graph graph = remove_identities(small());
  EXPECT_EQ(graph.size(), 5U);
  EXPECT_EQ(graph.name, "small");
  EXPECT_EQ(graph.node(graph.find("fc1")).inputs[0], graph.find("input"));
  EXPECT_EQ(graph.node(graph.output()).inputs[0], graph.find("fc2"));
  EXPECT_EQ(graph.input_operator().normalization, small().input_operator().normalization);
}

TEST(RemoveIdentities, ChangesNoValue) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const Graph graph = random_graph(seed, true);
    const Graph removed = remove_identities(graph);
    EXPECT_EQ(count<ir::Identity>(removed) + count<ir::Dropout>(removed), 0);
    const auto image = random_image(graph, seed);
    EXPECT_EQ(evaluate(removed, image), evaluate(graph, image)) << "seed " << seed;
  }
}

TEST(SubstituteQcfs, GivesEveryReluItsLambda) {
  const Graph graph = substitute_qcfs(small(), {{"relu", Tensor<float>({2}, {1.5F, 2.0F})}}, 8);
  const auto* qcfs = graph.node(graph.find("relu")).as<ir::QCFS>();
  ASSERT_NE(qcfs, nullptr);
  EXPECT_EQ(qcfs->levels, 8);
  EXPECT_EQ(qcfs->lambda[1], 2.0F);
  EXPECT_NO_THROW(ir::validate(graph));
}

TEST(SubstituteQcfs, RefusesBadLambdas) {
  const auto with = [](Tensor<float> lambda) {
    return [lambda = std::move(lambda)] { substitute_qcfs(small(), {{"relu", lambda}}, 4); };
  };
  expect_error<ConversionError>([] { substitute_qcfs(small(), {}, 4); }, {"ReLU 'relu'", "no lambda"});
  expect_error<ConversionError>(with(Tensor<float>({3}, 1.0F)), {"'relu'", "(3,)", "2 channels"});
  expect_error<ConversionError>(with(Tensor<float>({2}, {1.0F, 0.0F})), {"'relu'", "lambda is 0"});
  expect_error<ConversionError>(with(Tensor<float>({2}, std::numeric_limits<float>::quiet_NaN())), {"'relu'", "nan"});
  expect_error<ConversionError>(
      [] {
        substitute_qcfs(small(), {{"relu", Tensor<float>({2}, 1.0F)}}, 0);
      },
      {"levels is 0"});
}

TEST(SubstituteIf, StartsAtHalfTheThreshold) {
  const Graph qcfs = substitute_qcfs(small(), {{"relu", Tensor<float>({2}, {1.5F, 2.0F})}}, 8);
  const Graph graph = substitute_if(qcfs);
  const auto* neurons = graph.node(graph.find("relu")).as<ir::IF>();
  ASSERT_NE(neurons, nullptr);
  EXPECT_EQ(neurons->theta, Tensor<float>({2}, {1.5F, 2.0F}));
  EXPECT_EQ(neurons->v0, Tensor<float>({2}, {0.75F, 1.0F}));
  EXPECT_EQ(count<ir::QCFS>(graph), 0);
  EXPECT_NO_THROW(ir::validate(graph));
}

TEST(VectorsAsImages, ReadTheSameValues) {
  const Graph graph = small();
  const Graph images = vectors_as_images(graph);
  EXPECT_EQ(images.input_operator().shape, (Shape{3, 1, 1}));
  EXPECT_EQ(images.input_operator().normalization, graph.input_operator().normalization);
  EXPECT_EQ(images.size(), graph.size() + 1);
  EXPECT_EQ(evaluate(images, {1, -2, 3}), evaluate(graph, {1, -2, 3}));
  EXPECT_EQ(vectors_as_images(images).size(), images.size());
}

TEST(MaxPoolToAvgPool, KeepsTheWindow) {
  Graph graph;
  graph.add("input", ir::Input{{1, 4, 4}, {}});
  const Window window{{2, 2}, {2, 2}, {1, 1}, {1, 1}};
  graph.add("pool", ir::MaxPool2d{window}, {0});
  graph.add("output", ir::Output{}, {1});
  const Graph averaged = max_pool_to_avg_pool(graph);
  ASSERT_NE(averaged.node(1).as<ir::AvgPool2d>(), nullptr);
  EXPECT_EQ(averaged.node(1).as<ir::AvgPool2d>()->window, window);
}

ir::Graph with_last_relu(bool shared, bool capped, bool only) {
  ir::Graph graph;
  graph.add("input", ir::Input{{2, 1, 1}, {}});
  const auto fc = [&](const char* name, ir::NodeId from) {
    return graph.add(name, ir::Conv2d{Tensor<float>({2, 2, 1, 1}, 0.5F), {}, {}}, {from});
  };
  ir::NodeId at = fc("first", 0);
  if (!only) at = fc("second", graph.add("relu", ir::ReLU{}, {at}));
  const ir::NodeId relu = graph.add("last", capped ? ir::ReLU{6} : ir::ReLU{}, {at});
  at = graph.add("flat", ir::Flatten{}, {relu});
  if (shared) {
    const ir::NodeId more = graph.add("more", ir::Flatten{}, {fc("third", relu)});
    at = graph.add("sum", ir::Add{}, {at, more});
  }
  graph.add("output", ir::Output{}, {at});
  return graph;
}

TEST(LastRelu, IsLeftOutWhereItIsNotNeeded) {
  const ir::Graph graph = with_last_relu(false, false, false);
  ASSERT_TRUE(last_relu(graph).has_value());
  EXPECT_EQ(graph.node(*last_relu(graph)).name, "last");
  const ir::Graph without = leave_out_last_relu(graph);
  EXPECT_EQ(without.size(), graph.size() - 1);
  EXPECT_EQ(without.node(without.find("flat")).inputs[0], without.find("second"));
  EXPECT_NO_THROW(ir::validate(without));
}

TEST(LastRelu, StaysWhereItChangesTheAnswer) {
  EXPECT_FALSE(last_relu(with_last_relu(true, false, false)));
  EXPECT_FALSE(last_relu(with_last_relu(false, true, false)));
  EXPECT_FALSE(last_relu(with_last_relu(false, false, true)));
  EXPECT_EQ(leave_out_last_relu(with_last_relu(false, false, true)).size(), 5U);
}

}  // namespace
}  // namespace neurocuda::passes
