#include <gtest/gtest.h>

#include "neurocuda/ir/analysis.hpp"
#include "support/expect_error.hpp"

namespace neurocuda::ir {
namespace {

using neurocuda::testing::expect_error;

/// The shape of `op` behind an input of the given shape.
Shape shape_of(Operator op, Shape input) {
  Graph graph;
  graph.add("input", Input{std::move(input), {}});
  const std::size_t count = arity(op);
  graph.add("node", std::move(op), std::vector<NodeId>(count, 0));
  return infer_shapes(graph).back();
}

void expect_refused(const Operator& op, const Shape& input, std::vector<std::string> parts) {
  parts.push_back("'node'");
  expect_error<UserError>([&] { shape_of(op, input); }, parts);
}

Conv2d conv(Shape weight, Window window = {}, std::int64_t groups = 1) {
  window.kernel = {weight[2], weight[3]};
  return {Tensor<float>(std::move(weight)), {}, window, groups};
}

TEST(ShapeInference, Convolutions) {
  EXPECT_EQ(shape_of(conv({8, 3, 3, 3}, {.padding = {1, 1}}), {3, 32, 30}), (Shape{8, 32, 30}));
  EXPECT_EQ(shape_of(conv({8, 3, 3, 5}, {.stride = {2, 3}, .padding = {1, 0}, .dilation = {2, 1}}), {3, 9, 11}),
            (Shape{8, 4, 3}));
  EXPECT_EQ(shape_of(conv({6, 1, 1, 1}, {}, 3), {3, 4, 4}), (Shape{6, 4, 4}));
}

TEST(ShapeInference, Pools) {
  EXPECT_EQ(shape_of(AvgPool2d{{.kernel = {2, 2}, .stride = {2, 2}}}, {5, 7, 8}), (Shape{5, 3, 4}));
  EXPECT_EQ(shape_of(MaxPool2d{{.kernel = {3, 3}, .stride = {2, 2}, .padding = {1, 1}}}, {5, 7, 8}), (Shape{5, 4, 4}));
  EXPECT_EQ(shape_of(GlobalAvgPool{}, {5, 7, 8}), (Shape{5, 1, 1}));
}

TEST(ShapeInference, TheRest) {
  EXPECT_EQ(shape_of(Linear{Tensor<float>({10, 6}), {}}, {6}), (Shape{10}));
  EXPECT_EQ(shape_of(Flatten{}, {2, 3, 4}), (Shape{24}));
  EXPECT_EQ(shape_of(Flatten{}, {24}), (Shape{24}));
  EXPECT_EQ(shape_of(Add{}, {2, 3, 4}), (Shape{2, 3, 4}));
  EXPECT_EQ(shape_of(ReLU{}, {7}), (Shape{7}));
  EXPECT_EQ(shape_of(QCFS{Tensor<float>({2}), 4}, {2, 3, 4}), (Shape{2, 3, 4}));
  EXPECT_EQ(shape_of(IF{Tensor<float>({2}), Tensor<float>({2})}, {2}), (Shape{2}));
  const Tensor<float> two({2});
  EXPECT_EQ(shape_of(BatchNorm2d{two, two, two, two}, {2, 3, 4}), (Shape{2, 3, 4}));
  EXPECT_EQ(shape_of(BatchNorm2d{two, two, two, two}, {2}), (Shape{2}));
}

TEST(ShapeInference, RefusesConvolutionsThatDoNotFit) {
  expect_refused(conv({8, 4, 3, 3}), {3, 8, 8}, {"(8, 4, 3, 3)", "3 input channels"});
  expect_refused(conv({8, 3, 9, 9}), {3, 8, 8}, {"9x9", "(3, 8, 8)"});
  expect_refused(conv({8, 3, 3, 3}), {24}, {"(24,)"});
  expect_refused(conv({8, 1, 3, 3}, {}, 2), {3, 8, 8}, {"groups = 2"});
  expect_refused(conv({8, 1, 3, 3}, {}, 0), {3, 8, 8}, {"groups = 0"});
  expect_refused(conv({8, 3, 3, 3}, {.stride = {0, 1}}), {3, 8, 8}, {"stride 0x1"});
  expect_refused(conv({8, 3, 3, 3}, {.padding = {-1, 0}}), {3, 8, 8}, {"padding -1x0"});
  expect_refused(conv({8, 3, 3, 3}, {.dilation = {1, std::int64_t{1} << 62}}), {3, 8, 8}, {"dilation"});
  Conv2d biased = conv({8, 3, 3, 3});
  biased.bias = Tensor<float>({7});
  expect_refused(biased, {3, 8, 8}, {"bias", "(7,)", "8"});
  Conv2d mismatched = conv({8, 3, 3, 3});
  mismatched.window.kernel = {5, 5};
  expect_refused(mismatched, {3, 8, 8}, {"5x5"});
  expect_refused(Conv2d{Tensor<float>({8, 3}), {}, {}, 1}, {3, 8, 8}, {"(8, 3)"});
}

TEST(ShapeInference, RefusesTheRest) {
  expect_refused(Linear{Tensor<float>({10, 6}), {}}, {6, 1, 1}, {"(6, 1, 1)", "Flatten"});
  expect_refused(Linear{Tensor<float>({10, 6}), {}}, {7}, {"(10, 6)", "7"});
  expect_refused(AvgPool2d{{.kernel = {2, 2}, .padding = {2, 0}}}, {3, 8, 8}, {"padding 2x0", "2x2"});
  expect_refused(MaxPool2d{{.kernel = {2, 2}, .dilation = {2, 2}}}, {3, 8, 8}, {"dilation 2x2"});
  expect_refused(GlobalAvgPool{}, {3}, {"(3,)"});
  expect_refused(QCFS{Tensor<float>({4}), 4}, {3, 8, 8}, {"lambda", "(4,)", "3 channels"});
  expect_refused(IF{Tensor<float>({3}), Tensor<float>({1})}, {3, 8, 8}, {"v0"});
  const Tensor<float> three({3});
  expect_refused(BatchNorm2d{three, three, Tensor<float>({2}), three}, {3, 8, 8}, {"mean", "(2,)"});
}

TEST(ShapeInference, RefusesUnequalSummandsAndHugeValues) {
  Graph graph;
  graph.add("input", Input{{1, 4, 4}, {}});
  graph.add("pool", MaxPool2d{{.kernel = {2, 2}}}, {0});
  graph.add("sum", Add{}, {0, 1});
  expect_error<UserError>([&] { infer_shapes(graph); }, {"'sum'", "(1, 4, 4)", "(1, 3, 3)"});

  Graph huge;
  huge.add("input", Input{{1, 1 << 19, 1 << 19}, {}});
  huge.add("conv", conv({64, 1, 1, 1}), {0});
  expect_error<UserError>([&] { infer_shapes(huge); }, {"'conv'", "too many elements"});
}

TEST(ShapeInference, RefusesBadInputs) {
  for (const Shape& shape : {Shape{}, Shape{3, 4}, Shape{3, 0, 4}, Shape{0}}) {
    Graph graph;
    graph.add("image", Input{shape, {}});
    expect_error<UserError>([&] { infer_shapes(graph); }, {"'image'", to_string(shape)});
  }
}

}  // namespace
}  // namespace neurocuda::ir
