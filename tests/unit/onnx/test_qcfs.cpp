#include <gtest/gtest.h>

#include <cmath>

#include "support/expect_error.hpp"
#include "unit/onnx/model_under_test.hpp"

namespace neurocuda {
namespace {

using testing::expect_error;
using testing::ModelUnderTest;
using testing::only;
using testing::set;

ModelUnderTest with_lambda(const Shape& shape, const std::vector<float>& lambda, float levels) {
  ModelUnderTest model({2, 4, 4});
  model.constant("lambda", shape, lambda);
  auto& node = model.node("QCFS", {"x", "lambda"}, "y");
  node.set_domain("neurocuda");
  set(node, "levels", levels);
  return model;
}

TEST(OnnxQcfs, KeepsLambdaAndLevels) {
  const ir::Graph graph = with_lambda({2, 1, 1}, {0.5F, 3.0F}, 4).parse();
  const auto& qcfs = only<ir::QCFS>(graph);
  EXPECT_EQ(qcfs.lambda, Tensor<float>({2}, {0.5F, 3.0F}));
  EXPECT_EQ(qcfs.levels, 4);
}

TEST(OnnxQcfs, RefusesLevelsAndThresholdsThatAreNone) {
  for (const float levels : {0.0F, -1.0F, 2.5F, 1e9F, NAN})
    expect_error<UserError>([&] { with_lambda({2, 1, 1}, {1, 1}, levels).parse(); }, {"levels", "1 to 256"});
  for (const float lambda : {0.0F, -1.0F, INFINITY, NAN})
    expect_error<UserError>([&] { with_lambda({2, 1, 1}, {1, lambda}, 8).parse(); }, {"lambda", "positive"});
  expect_error<UserError>([] { with_lambda({3, 1, 1}, {1, 1, 1}, 8).parse(); }, {"3 values for 2 channels"});
}

TEST(OnnxQcfs, OtherOperatorsOfTheDomainAreUnknown) {
  ModelUnderTest model;
  model.node("Relu", {"x"}, "y").set_domain("neurocuda");
  expect_error<UnsupportedOperator>([&] { model.parse(); }, {"neurocuda.Relu"});
}

TEST(OnnxQcfs, TheFileDefinesTheFunction) {
  ir::Graph graph;
  const auto x = graph.add("x", ir::Input{{3, 2, 2}, {}});
  const auto one = graph.add("one", ir::QCFS{Tensor<float>({3}, 1.0F), 4}, {x});
  graph.add("y", ir::Output{}, {graph.add("two", ir::QCFS{Tensor<float>({3}, 2.0F), 8}, {one})});
  testing::proto::ModelProto model;
  ASSERT_TRUE(model.ParseFromString(onnx::serialize(graph)));
  ASSERT_EQ(model.functions_size(), 1);
  EXPECT_EQ(model.functions(0).name(), "QCFS");
  EXPECT_GE(model.ir_version(), 8);
  EXPECT_EQ(model.opset_import(1).domain(), "neurocuda");
}

}  // namespace
}  // namespace neurocuda
