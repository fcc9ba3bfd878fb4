// Files whose axes lie otherwise than the graph's: nothing of it is left in the graph.
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
using Values = std::vector<std::int64_t>;
using Names = std::vector<std::string>;

testing::proto::NodeProto& transpose(ModelUnderTest& model, const std::string& from, const std::string& to,
                                     const Values& order) {
  auto& node = model.node("Transpose", {from}, to);
  set(node, "perm", order);
  return node;
}

TEST(OnnxLayout, ChannelsBehindAreBroughtInFront) {
  ModelUnderTest model({4, 5, 2});  // (N, H, W, C)
  model.constant("mean", {2}, {1, 2});
  model.counting("w", {3, 2, 1, 1});
  model.node("Sub", {"x", "mean"}, "centred");
  transpose(model, "centred", "nchw", {0, 3, 1, 2});
  model.node("Conv", {"nchw", "w"}, "c");
  transpose(model, "c", "nhwc", {0, 2, 3, 1});
  model.node("Relu", {"nhwc"}, "r");
  transpose(model, "r", "y", {0, 3, 1, 2});
  const ir::Graph graph = model.parse();
  EXPECT_EQ(operators(graph), (Names{"Input", "BatchNorm2d", "Conv2d", "ReLU", "Output"}));
  EXPECT_EQ(graph.input_operator().shape, (Shape{2, 4, 5}));
  EXPECT_EQ(only<ir::BatchNorm2d>(graph).beta, Tensor<float>({2}, {-1, -2}));
}

TEST(OnnxLayout, AFlattenOfChannelsBehindReordersTheWeight) {
  ModelUnderTest model({1, 3, 2});  // H = 1, W = 3, C = 2
  model.counting("w", {6, 1});
  transpose(model, "x", "nchw", {0, 3, 1, 2});
  model.node("Relu", {"nchw"}, "r");
  transpose(model, "r", "nhwc", {0, 2, 3, 1});
  set(model.node("Flatten", {"nhwc"}, "f"), "axis", std::int64_t{1});
  model.node("MatMul", {"f", "w"}, "y");
  const ir::Graph graph = model.parse();
  EXPECT_EQ(operators(graph), (Names{"Input", "ReLU", "Flatten", "Linear", "Output"}));
  EXPECT_EQ(only<ir::Linear>(graph).weight, Tensor<float>({1, 6}, {1, 3, 5, 2, 4, 6}));
}

TEST(OnnxLayout, InputsOfEveryRank) {
  const auto input_of = [](const Shape& extents, const std::string& op, const Values& numbers) {
    ModelUnderTest model(extents);
    model.integers("numbers", numbers);
    if (op == "Transpose") {
      transpose(model, "x", "t", numbers);
      transpose(model, "t", "y", extents.size() == 3 ? Values{0, 1, 2, 3} : Values{0, 1, 2});
    } else {
      model.node(op, op == "Relu" ? Names{"x"} : Names{"x", "numbers"}, "y");
    }
    return model.parse().input_operator().shape;
  };
  EXPECT_EQ(input_of({7}, "Relu", {}), (Shape{7}));
  EXPECT_EQ(input_of({3, 9}, "Relu", {}), (Shape{3, 1, 9}));
  EXPECT_EQ(input_of({9, 3}, "Transpose", {0, 2, 1}), (Shape{3, 1, 9}));
  EXPECT_EQ(input_of({8, 9}, "Unsqueeze", {1}), (Shape{1, 8, 9}));
  EXPECT_EQ(input_of({3, 8, 9}, "Relu", {}), (Shape{3, 8, 9}));
  EXPECT_EQ(input_of({8, 9, 3}, "Transpose", {0, 3, 1, 2}), (Shape{3, 8, 9}));
  EXPECT_EQ(input_of({8, 9, 1}, "Reshape", {-1, 1, 8, 9}), (Shape{1, 8, 9}));
}

TEST(OnnxLayout, ConvolutionsOverOneSide) {
  ModelUnderTest model({3, 9});
  model.counting("w", {2, 3, 3});
  auto& conv = model.node("Conv", {"x", "w"}, "c");
  set(conv, "strides", Values{2});
  set(conv, "pads", Values{1, 1});
  auto& pool = model.node("MaxPool", {"c"}, "p");
  set(pool, "kernel_shape", Values{2});
  model.node("GlobalAveragePool", {"p"}, "y");
  const ir::Graph graph = model.parse();
  EXPECT_EQ(only<ir::Conv2d>(graph).window, (Window{{1, 3}, {1, 2}, {0, 1}}));
  EXPECT_EQ(only<ir::Conv2d>(graph).weight.shape(), (Shape{2, 3, 1, 3}));
  EXPECT_EQ(only<ir::MaxPool2d>(graph).window, (Window{{1, 2}}));
}

TEST(OnnxLayout, HeightAndWidthMayBeSwapped) {
  ModelUnderTest model({1, 4, 6});
  model.counting("w", {1, 1, 2, 3});
  transpose(model, "x", "turned", {0, 1, 3, 2});  // a kernel of 2 along the width, 3 along the height
  auto& conv = model.node("Conv", {"turned", "w"}, "c");
  set(conv, "strides", Values{2, 1});
  transpose(model, "c", "y", {0, 1, 3, 2});
  const ir::Graph graph = model.parse();
  EXPECT_EQ(only<ir::Conv2d>(graph).window, (Window{{3, 2}, {1, 2}}));
  EXPECT_EQ(only<ir::Conv2d>(graph).weight, Tensor<float>({1, 1, 3, 2}, {1, 4, 2, 5, 3, 6}));
}

TEST(OnnxLayout, SqueezeAndUnsqueeze) {
  ModelUnderTest model;
  model.integers("sides", {2, -1});
  model.counting("w", {3, 2, 1, 1});
  model.node("GlobalAveragePool", {"x"}, "g");
  model.node("Squeeze", {"g", "sides"}, "s");
  model.node("Unsqueeze", {"s", "sides"}, "u");
  model.node("Conv", {"u", "w"}, "y");
  EXPECT_EQ(operators(model.parse()), (Names{"Input", "GlobalAvgPool", "Flatten", "Linear", "Output"}));

  ModelUnderTest wide;
  wide.integers("sides", {2});
  wide.node("Squeeze", {"x", "sides"}, "y");
  expect_error<UserError>([&] { wide.parse(); }, {"Squeeze 'the_Squeeze'", "axis 2 of (1, 2, 4, 4)"});
  ModelUnderTest batch;
  batch.integers("first", {0});
  batch.node("Squeeze", {"x", "first"}, "y");
  expect_error<UserError>([&] { batch.parse(); }, {"Squeeze 'the_Squeeze'", "axis 0"});
}

TEST(OnnxLayout, WhatNeedsOtherAxesIsRefused) {
  ModelUnderTest moved;
  moved.counting("w", {3, 4, 1, 1});
  transpose(moved, "x", "t", {0, 2, 1, 3});
  moved.node("Conv", {"t", "w"}, "y");
  expect_error<UnsupportedOperator>([&] { moved.parse(); }, {"Conv 'the_Conv'", "(N, H, C, W)"});

  ModelUnderTest sum({2, 4, 4});
  transpose(sum, "x", "t", {0, 1, 3, 2});
  sum.node("Add", {"x", "t"}, "y");
  expect_error<UnsupportedOperator>([&] { sum.parse(); }, {"Add 'the_Add'", "(N, C, H, W) and (N, C, W, H)"});

  ModelUnderTest mixed;
  transpose(mixed, "x", "t", {1, 0, 2, 3});
  mixed.node("GlobalAveragePool", {"t"}, "y");
  expect_error<UnsupportedOperator>([&] { mixed.parse(); }, {"'the_GlobalAveragePool'", "(C, N, H, W)"});

  ModelUnderTest output;
  transpose(output, "x", "y", {0, 2, 3, 1});
  expect_error<UnsupportedOperator>([&] { output.parse(); }, {"output 'y'", "(N, H, W, C)", "logits"});

  ModelUnderTest rows;  // a matrix times each row of the image
  rows.counting("w", {4, 3});
  rows.node("MatMul", {"x", "w"}, "y");
  expect_error<UnsupportedOperator>([&] { rows.parse(); }, {"'the_MatMul'", "(N, C, H, W)", "channels"});

  for (const Values& order : {Values{0, 1, 2}, Values{0, 1, 1, 2}, Values{0, 1, 2, 4}}) {
    ModelUnderTest bad;
    transpose(bad, "x", "y", order);
    expect_error<UserError>([&] { bad.parse(); }, {"Transpose 'the_Transpose'"});
  }
}

TEST(OnnxLayout, ChannelsArePutTogetherAndTakenApart) {
  ModelUnderTest model({4, 3, 3});
  auto& split = model.node("Split", {"x"}, "a");
  split.add_output("b");
  set(split, "axis", std::int64_t{1});
  auto& concat = model.node("Concat", {"b", "a", "b"}, "y");
  set(concat, "axis", std::int64_t{-3});
  const ir::Graph graph = model.parse();
  EXPECT_EQ(operators(graph), (Names{"Input", "Slice", "Slice", "Concat", "Output"}));
  EXPECT_EQ(graph.node(2).as<ir::Slice>()->begin, 2);
  EXPECT_EQ(only<ir::Concat>(graph).count, 3);

  ModelUnderTest sides;
  set(sides.node("Concat", {"x", "x"}, "y"), "axis", std::int64_t{2});
  expect_error<UnsupportedOperator>([&] { sides.parse(); }, {"Concat 'the_Concat'", "axis 2", "dim=1"});

  ModelUnderTest sizes({4});
  sizes.integers("sizes", {3, 2});
  auto& parts = sizes.node("Split", {"x", "sizes"}, "y");
  parts.add_output("b");
  set(parts, "axis", std::int64_t{1});
  expect_error<UserError>([&] { sizes.parse(); }, {"Split 'the_Split'", "4 channels", "(3, 2)"});
}

TEST(OnnxLayout, BoundsOfActivations) {
  const auto clip = [](const std::vector<float>& low, const std::vector<float>& high) {
    ModelUnderTest model({2});
    model.constant("low", {}, low);
    model.constant("high", {}, high);
    model.node("Clip", {"x", "low", "high"}, "y");
    return model.parse();
  };
  EXPECT_EQ(only<ir::ReLU>(clip({0}, {6})).cap, 6);
  EXPECT_FALSE(only<ir::ReLU>(clip({0}, {3.4028235e38F})).capped());
  EXPECT_EQ(operators(clip({-INFINITY}, {INFINITY})), (Names{"Input", "Output"}));
  expect_error<UnsupportedOperator>([&] { clip({-1}, {1}); }, {"Clip 'the_Clip'", "-1 .. 1", "ReLU6"});
  expect_error<UserError>([&] { clip({0}, {-1}); }, {"Clip 'the_Clip'", "0 .. -1"});

  ModelUnderTest both({2});
  both.constant("zero", {}, {0});
  both.constant("six", {}, {6});
  both.node("Max", {"zero", "x"}, "r");
  both.node("Min", {"r", "six"}, "y");
  EXPECT_EQ(operators(both.parse()), (Names{"Input", "ReLU", "Output"}));
  EXPECT_EQ(only<ir::ReLU>(both.parse()).cap, 6);
  ModelUnderTest below({2});
  below.constant("six", {}, {6});
  below.node("Min", {"x", "six"}, "y");
  expect_error<UnsupportedOperator>([&] { below.parse(); }, {"Min 'the_Min'", "ReLU6"});
}

}  // namespace
}  // namespace neurocuda
