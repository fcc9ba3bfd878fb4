#include <gtest/gtest.h>

#include "support/expect_error.hpp"
#include "unit/onnx/model_under_test.hpp"

namespace neurocuda {
namespace {

using testing::expect_error;
using testing::ModelUnderTest;
using testing::only;
using testing::operators;
using testing::set;
using Names = std::vector<std::string>;

const ir::Linear& linear_of(const ir::Graph& graph) { return only<ir::Linear>(graph); }

TEST(OnnxGemm, StoredEitherWay) {
  ModelUnderTest plain({3});
  plain.counting("w", {3, 2});
  plain.node("Gemm", {"x", "w"}, "y");
  EXPECT_EQ(linear_of(plain.parse()).weight, Tensor<float>({2, 3}, {1, 3, 5, 2, 4, 6}));
  EXPECT_FALSE(linear_of(plain.parse()).bias.has_value());

  ModelUnderTest transposed({3});
  transposed.counting("w", {2, 3});
  set(transposed.node("Gemm", {"x", "w", ""}, "y"), "transB", std::int64_t{1});
  EXPECT_EQ(linear_of(transposed.parse()).weight, Tensor<float>({2, 3}, {1, 2, 3, 4, 5, 6}));
}

TEST(OnnxGemm, AlphaAndBetaScaleWeightAndBias) {
  ModelUnderTest model({3});
  model.counting("w", {3, 2});
  model.constant("b", {1, 2}, {10, 20});
  auto& gemm = model.node("Gemm", {"x", "w", "b"}, "y");
  set(gemm, "alpha", 0.5F);
  set(gemm, "beta", 2.0F);
  const ir::Graph graph = model.parse();
  EXPECT_EQ(linear_of(graph).weight, Tensor<float>({2, 3}, {0.5, 1.5, 2.5, 1, 2, 3}));
  EXPECT_EQ(*linear_of(graph).bias, Tensor<float>({2}, {20, 40}));
}

TEST(OnnxGemm, OneNumberIsABiasForAll) {
  for (const Shape& shape : {Shape{}, Shape{1}, Shape{1, 1}}) {
    ModelUnderTest model({3});
    model.counting("w", {3, 2});
    model.constant("b", shape, {7});
    model.node("Gemm", {"x", "w", "b"}, "y");
    EXPECT_EQ(*linear_of(model.parse()).bias, Tensor<float>({2}, {7, 7}));
  }
}

TEST(OnnxGemm, Refusals) {
  ModelUnderTest transposed({3});
  transposed.counting("w", {3, 2});
  set(transposed.node("Gemm", {"x", "w"}, "y"), "transA", std::int64_t{1});
  expect_error<UnsupportedOperator>([&] { transposed.parse(); }, {"net.onnx", "Gemm 'the_Gemm'", "transA"});

  ModelUnderTest per_image({3});
  per_image.counting("w", {3, 2});
  per_image.counting("b", {2, 1});
  per_image.node("Gemm", {"x", "w", "b"}, "y");
  expect_error<UnsupportedOperator>([&] { per_image.parse(); }, {"'the_Gemm'", "(2, 1)", "bias"});

  ModelUnderTest misfit({3});
  misfit.counting("w", {4, 2});
  misfit.node("Gemm", {"x", "w"}, "y");
  expect_error<UserError>([&] { misfit.parse(); }, {"net.onnx", "'the_Gemm'", "(2, 4)", "3 input features"});

  ModelUnderTest computed({3});
  computed.node("Gemm", {"x", "x"}, "y");
  expect_error<UnsupportedOperator>([&] { computed.parse(); }, {"'the_Gemm'", "'x'", "constant"});

  ModelUnderTest image({2, 4, 4});
  image.counting("w", {32, 2});
  image.node("Gemm", {"x", "w"}, "y");
  expect_error<UserError>([&] { image.parse(); }, {"'the_Gemm'", "Flatten"});
}

TEST(OnnxMatMul, AddBehindItIsItsBias) {
  for (const bool constant_first : {false, true}) {
    ModelUnderTest model({3});
    model.counting("w", {3, 2});
    model.constant("b", {2}, {5, 6});
    model.node("MatMul", {"x", "w"}, "product");
    model.node("Add", constant_first ? Names{"b", "product"} : Names{"product", "b"}, "y");
    const ir::Graph graph = model.parse();
    EXPECT_EQ(operators(graph), (Names{"Input", "Linear", "Output"}));
    EXPECT_EQ(graph.node(1).name, "the_MatMul");
    EXPECT_EQ(linear_of(graph).weight, Tensor<float>({2, 3}, {1, 3, 5, 2, 4, 6}));
    EXPECT_EQ(*linear_of(graph).bias, Tensor<float>({2}, {5, 6}));
  }
}

TEST(OnnxMatMul, Refusals) {
  ModelUnderTest swapped({3});
  swapped.counting("w", {2, 3});
  swapped.node("MatMul", {"w", "x"}, "y");
  expect_error<UnsupportedOperator>([&] { swapped.parse(); }, {"'the_MatMul'", "input 0 'w' is a constant"});

  ModelUnderTest vector({3});
  vector.counting("w", {3});
  vector.node("MatMul", {"x", "w"}, "y");
  expect_error<UnsupportedOperator>([&] { vector.parse(); }, {"'the_MatMul'", "(3,)"});
}

TEST(OnnxAdd, OfTwoValuesIsAResidualMerge) {
  ModelUnderTest model({3});
  model.node("Relu", {"x"}, "r");
  model.node("Add", {"r", "x"}, "y");
  const ir::Graph graph = model.parse();
  EXPECT_EQ(graph.node(2).inputs, (std::vector<ir::NodeId>{1, 0}));
}

TEST(OnnxArithmetic, ChainsOfConstantsAreOneBatchNorm) {
  ModelUnderTest model({2, 4, 4});  // batch norm as some exporters write it: ((x - mean) * scale) / deviation + shift
  model.constant("mean", {2, 1, 1}, {1, 2});
  model.constant("scale", {1, 2, 1, 1}, {3, 4});
  model.constant("deviation", {1}, {2});
  model.constant("shift", {2, 4, 4}, std::vector<float>(32, 5));
  model.node("Sub", {"x", "mean"}, "a");
  model.node("Mul", {"scale", "a"}, "b");
  model.node("Div", {"b", "deviation"}, "c");
  model.node("Add", {"c", "shift"}, "y");
  const ir::Graph graph = model.parse();
  EXPECT_EQ(operators(graph), (Names{"Input", "BatchNorm2d", "Output"}));
  EXPECT_EQ(only<ir::BatchNorm2d>(graph).gamma, Tensor<float>({2}, {1.5, 2}));
  EXPECT_EQ(only<ir::BatchNorm2d>(graph).beta, Tensor<float>({2}, {3.5, 1}));
}

TEST(OnnxArithmetic, ConstantsOnTheLeft) {
  ModelUnderTest model({2});
  model.constant("one", {}, {1});
  model.node("Sub", {"one", "x"}, "a");
  model.node("Neg", {"a"}, "y");
  const ir::Graph graph = model.parse();
  EXPECT_EQ(only<ir::BatchNorm2d>(graph).gamma, Tensor<float>({2}, {1, 1}));
  EXPECT_EQ(only<ir::BatchNorm2d>(graph).beta, Tensor<float>({2}, {-1, -1}));
}

TEST(OnnxArithmetic, Refusals) {
  ModelUnderTest gate;
  gate.node("Relu", {"x"}, "r");
  gate.node("Mul", {"x", "r"}, "y");
  expect_error<UnsupportedOperator>([&] { gate.parse(); }, {"Mul 'the_Mul'", "gate", "ReLU"});
  ModelUnderTest inverse({2});
  inverse.constant("one", {}, {1});
  inverse.node("Div", {"one", "x"}, "y");
  expect_error<UnsupportedOperator>([&] { inverse.parse(); }, {"Div 'the_Div'", "divides a constant"});
  ModelUnderTest zero({2});
  zero.constant("c", {2}, {1, 0});
  zero.node("Div", {"x", "c"}, "y");
  expect_error<UserError>([&] { zero.parse(); }, {"Div 'the_Div'", "0"});
}

TEST(OnnxAdd, OfAConstantBehindAConvolutionIsItsBias) {
  for (const Shape& shape : {Shape{3, 1, 1}, Shape{1, 3, 1, 1}}) {
    ModelUnderTest model;
    model.counting("w", {3, 2, 1, 1});
    model.constant("b", {3}, {1, 1, 1});
    model.constant("more", shape, {1, 2, 3});
    model.node("Conv", {"x", "w", "b"}, "c");
    model.node("Add", {"c", "more"}, "y");
    EXPECT_EQ(*only<ir::Conv2d>(model.parse()).bias, Tensor<float>({3}, {2, 3, 4}));
  }
}

TEST(OnnxAdd, OfAConstantElsewhereIsABatchNorm) {
  ModelUnderTest behind_relu({3});
  behind_relu.constant("c", {3}, {1, 2, 3});
  behind_relu.node("Relu", {"x"}, "r");
  behind_relu.node("Add", {"r", "c"}, "y");
  const auto norm = only<ir::BatchNorm2d>(behind_relu.parse());
  EXPECT_EQ(norm.gamma, Tensor<float>({3}, 1.0F));
  EXPECT_EQ(norm.beta, Tensor<float>({3}, {1, 2, 3}));
  EXPECT_EQ(norm.mean, Tensor<float>({3}));
  EXPECT_EQ(norm.variance, Tensor<float>({3}, 1.0F));
  EXPECT_EQ(norm.epsilon, 0.0F);

  ModelUnderTest also_read;  // the sum without the bias is used as well
  also_read.counting("w", {2, 2, 1, 1});
  also_read.counting("b", {2, 1, 1});
  also_read.node("Conv", {"x", "w"}, "c");
  also_read.node("Add", {"c", "b"}, "d");
  also_read.node("Add", {"c", "d"}, "y").set_name("merge");
  EXPECT_EQ(operators(also_read.parse()), (Names{"Input", "Conv2d", "BatchNorm2d", "Add", "Output"}));
  EXPECT_FALSE(only<ir::Conv2d>(also_read.parse()).bias.has_value());
}

TEST(OnnxAdd, ConstantsThatDifferByPositionAreRefused) {
  ModelUnderTest along_width;
  along_width.counting("w", {3, 2, 1, 1});
  along_width.counting("b", {4});
  along_width.node("Conv", {"x", "w"}, "c");
  along_width.node("Add", {"c", "b"}, "y");
  expect_error<UnsupportedOperator>([&] { along_width.parse(); }, {"'the_Add'", "(4,)", "3 values"});
}

TEST(OnnxAdd, ShapesMustAgree) {
  ModelUnderTest model;
  model.node("GlobalAveragePool", {"x"}, "g");
  model.node("Add", {"x", "g"}, "y");
  expect_error<UserError>([&] { model.parse(); }, {"'the_Add'", "(1, 2, 4, 4)", "(1, 2, 1, 1)"});
}

}  // namespace
}  // namespace neurocuda
