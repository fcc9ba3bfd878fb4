#include <gtest/gtest.h>

#include <functional>
#include <limits>

#include "neurocuda/ir/analysis.hpp"
#include "support/expect_error.hpp"
#include "support/random_graph.hpp"

namespace neurocuda::ir {
namespace {

using neurocuda::testing::expect_error;

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kInfinity = std::numeric_limits<float>::infinity();

Graph tiny(Operator middle = ReLU{}) {
  Graph graph;
  graph.add("input", Input{{2}, {}});
  graph.add("middle", std::move(middle), {0});
  graph.add("fc", Linear{Tensor<float>({3, 2}, 0.5F), Tensor<float>({3}, 0.1F)}, {1});
  graph.add("output", Output{}, {2});
  return graph;
}

void expect_invalid(const Graph& graph, const std::vector<std::string>& parts) {
  expect_error<UserError>([&] { validate(graph); }, parts);
}

TEST(Validate, AcceptsGoodGraphs) {
  EXPECT_NO_THROW(validate(tiny()));
  EXPECT_NO_THROW(validate(tiny(IF{Tensor<float>({2}, 1.0F), Tensor<float>({2}, 0.5F)})));
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    EXPECT_NO_THROW(validate(neurocuda::testing::random_graph(seed, seed % 2 == 0))) << "seed " << seed;
  }
}

TEST(Validate, NamesNodesThatDoNotReachTheOutput) {
  Graph graph = tiny();
  graph.add("dangling", ReLU{}, {0});
  expect_invalid(graph, {"'dangling'", "does not reach the output"});
}

TEST(Validate, NeedsOneInputAndOneOutput) {
  Graph no_output;
  no_output.add("input", Input{{2}, {}});
  expect_invalid(no_output, {"0 Output nodes"});
  Graph two_inputs = tiny();
  two_inputs.add("input2", Input{{2}, {}});
  expect_invalid(two_inputs, {"2 Input nodes"});
}

TEST(Validate, NamesValuesThatAreNotFinite) {
  for (const float bad : {kNan, kInfinity, -kInfinity}) {
    Graph graph = tiny();
    std::get<Linear>(graph.op(2)).weight[4] = bad;
    expect_invalid(graph, {"'fc'", "weight[4]", "finite"});
  }
  Graph graph = tiny();
  (*std::get<Linear>(graph.op(2)).bias)[1] = kNan;
  expect_invalid(graph, {"'fc'", "bias[1]"});
}

TEST(Validate, NamesValuesWithWhichSumsOverflow) {
  for (const float bad : {1e38F, -1e20F}) {
    Graph graph = tiny();
    std::get<Linear>(graph.op(2)).weight[4] = bad;
    expect_invalid(graph, {"'fc'", "weight[4]", bad > 0 ? "1e+38" : "-1e+20", "overflow"});
  }
  Graph large = tiny();
  std::get<Linear>(large.op(2)).weight[4] = 1e14F;
  EXPECT_NO_THROW(validate(large));
}

TEST(Validate, NamesLayersOfDenormals) {
  Graph graph = tiny();
  for (float& weight : std::get<Linear>(graph.op(2)).weight.values()) weight = 1e-42F;
  expect_invalid(graph, {"'fc'", "e-42", "too small"});
  std::get<Linear>(graph.op(2)).weight[0] = 0.5F;
  EXPECT_NO_THROW(validate(graph)) << "beside others they are as good as 0";
  for (float& weight : std::get<Linear>(graph.op(2)).weight.values()) weight = 0;
  EXPECT_NO_THROW(validate(graph)) << "a dead layer is no mistake";
}

TEST(Validate, ChecksThresholds) {
  expect_invalid(tiny(QCFS{Tensor<float>({2}, 0.0F), 4}), {"'middle'", "lambda[0]"});
  expect_invalid(tiny(QCFS{Tensor<float>({2}, 1.0F), 0}), {"'middle'", "levels is 0"});
  expect_invalid(tiny(IF{Tensor<float>({2}, -1.0F), Tensor<float>({2})}), {"'middle'", "theta[0]", "-1"});
  expect_invalid(tiny(IF{Tensor<float>({2}, 1.0F), Tensor<float>({2}, kNan)}), {"'middle'", "v0[0]"});
}

TEST(Validate, ChecksBatchNorms) {
  const Tensor<float> ones({2}, 1.0F);
  const auto norm = [&](float variance, float epsilon) {
    return tiny(BatchNorm2d{ones, ones, ones, Tensor<float>({2}, variance), epsilon});
  };
  EXPECT_NO_THROW(validate(norm(0.0F, 1e-5F))) << "a dead channel is no mistake";
  expect_invalid(norm(0.0F, 0.0F), {"'middle'", "variance[0]"});
  expect_invalid(norm(-1e-9F, 1e-5F), {"'middle'", "variance[0]"});
  expect_invalid(norm(1.0F, -1.0F), {"'middle'", "epsilon"});
  expect_invalid(norm(kNan, 1e-5F), {"'middle'", "variance[0]"});
}

TEST(Validate, ChecksNormalizationAndDropout) {
  const auto normalized = [](std::vector<float> mean, std::vector<float> stddev) {
    Graph graph = tiny();
    graph.op(0) = Input{{2}, {std::move(mean), std::move(stddev)}};
    return graph;
  };
  EXPECT_NO_THROW(validate(normalized({0.5F, 0.5F}, {0.2F, 0.2F})));
  expect_invalid(normalized({0.5F}, {0.2F}), {"'input'", "1 means"});
  expect_invalid(normalized({}, {0.2F, 0.2F}), {"'input'", "0 means"});
  expect_invalid(normalized({0.5F, 0.5F}, {0.2F, 0.0F}), {"'input'", "stddev[1]"});
  expect_invalid(normalized({kNan, 0.5F}, {0.2F, 0.2F}), {"'input'", "finite"});
  expect_invalid(tiny(Dropout{1.0F}), {"'middle'", "rate is 1"});
}

}  // namespace
}  // namespace neurocuda::ir
