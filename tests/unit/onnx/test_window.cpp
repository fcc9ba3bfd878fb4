#include <gtest/gtest.h>

#include "support/expect_error.hpp"
#include "unit/onnx/model_under_test.hpp"

namespace neurocuda {
namespace {

using testing::expect_error;
using testing::ModelUnderTest;
using testing::only;
using testing::set;
using Values = std::vector<std::int64_t>;

/// A 3x3 convolution of (2, 4, 4), its attributes up to the test.
struct ConvModel : ModelUnderTest {
  explicit ConvModel(const Shape& weight = {3, 2, 3, 3}) {
    counting("w", weight);
    conv = &node("Conv", {"x", "w"}, "y");
  }
  Window window() const { return only<ir::Conv2d>(parse()).window; }
  testing::proto::NodeProto* conv;
};

TEST(OnnxConv, DefaultsComeFromTheWeight) {
  const ConvModel model;
  EXPECT_EQ(model.window(), (Window{{3, 3}, {1, 1}, {0, 0}, {1, 1}}));
  EXPECT_EQ(only<ir::Conv2d>(model.parse()).groups, 1);
}

TEST(OnnxConv, AttributesAreRead) {
  ConvModel model({4, 1, 2, 3});
  set(*model.conv, "kernel_shape", Values{2, 3});
  set(*model.conv, "strides", Values{1, 2});
  set(*model.conv, "pads", Values{0, 2, 0, 2});
  set(*model.conv, "dilations", Values{3, 1});
  set(*model.conv, "group", std::int64_t{2});
  EXPECT_EQ(model.window(), (Window{{2, 3}, {1, 2}, {0, 2}, {3, 1}}));
  EXPECT_EQ(only<ir::Conv2d>(model.parse()).groups, 2);
}

TEST(OnnxConv, AutoPad) {
  ConvModel valid;
  set(*valid.conv, "auto_pad", std::string("VALID"));
  EXPECT_EQ(valid.window().padding, (Size2{0, 0}));

  for (const char* mode : {"SAME_UPPER", "SAME_LOWER"}) {
    ConvModel same;
    set(*same.conv, "auto_pad", std::string(mode));
    EXPECT_EQ(same.window().padding, (Size2{1, 1}));
  }

  ConvModel unknown;
  set(*unknown.conv, "auto_pad", std::string("SIDEWAYS\n"));
  expect_error<UserError>([&] { unknown.parse(); }, {"'the_Conv'", "SIDEWAYS_", "NOTSET"});
}

TEST(OnnxConv, UnevenPaddingIsAKernelWithZeros) {
  ConvModel upper;  // 4 pixels, stride 2: 2 windows need 5 pixels, the fifth behind
  set(*upper.conv, "auto_pad", std::string("SAME_UPPER"));
  set(*upper.conv, "strides", Values{2, 2});
  EXPECT_EQ(upper.window(), (Window{{4, 4}, {2, 2}, {1, 1}}));
  const auto weight = only<ir::Conv2d>(upper.parse()).weight;
  EXPECT_EQ(std::vector<float>(weight.data(), weight.data() + 16),
            (std::vector<float>{0, 0, 0, 0, 0, 1, 2, 3, 0, 4, 5, 6, 0, 7, 8, 9}));

  ConvModel
      lower;  // the fifth in front; the second window reaches the last pixel whether or not there is padding behind
  set(*lower.conv, "auto_pad", std::string("SAME_LOWER"));
  set(*lower.conv, "strides", Values{2, 2});
  EXPECT_EQ(lower.window(), (Window{{3, 3}, {2, 2}, {1, 1}}));

  ConvModel top;
  set(*top.conv, "pads", Values{1, 1, 0, 1});
  EXPECT_EQ(top.window(), (Window{{4, 3}, {1, 1}, {1, 1}}));
}

TEST(OnnxConv, Refusals) {
  ConvModel one_d({3, 2, 3});
  expect_error<UserError>([&] { one_d.parse(); }, {"'the_Conv'", "(3, 2, 3)", "(1, 2, 4, 4)"});

  ConvModel lying;
  set(*lying.conv, "kernel_shape", Values{5, 5});
  expect_error<UserError>([&] { lying.parse(); }, {"'the_Conv'", "kernel_shape", "(3, 2, 3, 3)"});

  ConvModel channels({3, 7, 3, 3});
  expect_error<UserError>([&] { channels.parse(); }, {"net.onnx", "'the_Conv'", "(3, 7, 3, 3)"});

  ConvModel large({3, 2, 9, 9});
  expect_error<UserError>([&] { large.parse(); }, {"'the_Conv'", "9x9", "does not fit"});

  ConvModel typed;
  set(*typed.conv, "strides", std::int64_t{2});
  expect_error<UserError>([&] { typed.parse(); }, {"'the_Conv'", "'strides'", "INT", "INTS"});

  ConvModel stranger;
  set(*stranger.conv, "sparkle", std::int64_t{1});
  expect_error<UnsupportedOperator>([&] { stranger.parse(); }, {"'the_Conv'", "'sparkle'"});
}

TEST(OnnxConv, AbsurdWindowsAreRefused) {
  for (const char* attribute : {"strides", "dilations"}) {
    for (const std::int64_t value : {std::int64_t{0}, std::int64_t{-1}, INT64_MAX, INT64_MIN}) {
      ConvModel model;
      set(*model.conv, attribute, Values{1, value});
      expect_error<UserError>([&] { model.parse(); }, {"'the_Conv'", attribute, std::to_string(value)});
    }
  }
  ConvModel pads;
  set(*pads.conv, "pads", Values{INT64_MAX, 0, INT64_MAX, 0});
  expect_error<UserError>([&] { pads.parse(); }, {"'the_Conv'", "pads", "9223372036854775807"});
  ConvModel long_list;
  set(*long_list.conv, "strides", Values(100, 1));
  expect_error<UserError>([&] { long_list.parse(); }, {"'the_Conv'", "100 values"});
}

struct PoolModel : ModelUnderTest {
  explicit PoolModel(const std::string& op_type) : pool(&node(op_type, {"x"}, "y")) {
    set(*pool, "kernel_shape", Values{2, 2});
    set(*pool, "strides", Values{2, 2});
  }
  testing::proto::NodeProto* pool;
};

TEST(OnnxPool, WindowsAreRead) {
  PoolModel max("MaxPool");
  set(*max.pool, "pads", Values{1, 1, 1, 1});
  set(*max.pool, "storage_order", std::int64_t{1});
  EXPECT_EQ(only<ir::MaxPool2d>(max.parse()).window, (Window{{2, 2}, {2, 2}, {1, 1}, {1, 1}}));

  PoolModel average("AveragePool");
  set(*average.pool, "pads", Values{1, 0, 1, 0});
  set(*average.pool, "count_include_pad", std::int64_t{1});
  EXPECT_EQ(only<ir::AvgPool2d>(average.parse()).window, (Window{{2, 2}, {2, 2}, {1, 0}, {1, 1}}));
}

TEST(OnnxPool, AverageOverTheWholeMap) {
  ModelUnderTest model;
  set(model.node("AveragePool", {"x"}, "y"), "kernel_shape", Values{4, 4});
  EXPECT_EQ(only<ir::AvgPool2d>(model.parse()).window.kernel, (Size2{4, 4}));
}

TEST(OnnxPool, CeilModeByItsEffect) {
  for (const char* op_type : {"MaxPool", "AveragePool"}) {
    PoolModel even(op_type);
    set(*even.pool, "ceil_mode", std::int64_t{1});
    const ir::Graph graph = even.parse();
    const Window window{{2, 2}, {2, 2}};
    const bool same = std::string(op_type) == "MaxPool" ? only<ir::MaxPool2d>(graph).window == window
                                                        : only<ir::AvgPool2d>(graph).window == window;
    EXPECT_TRUE(same) << op_type;
  }
  const auto odd = [](const std::string& op_type) {
    ModelUnderTest model({2, 5, 5});
    auto& pool = model.node(op_type, {"x"}, "y");
    set(pool, "kernel_shape", Values{2, 2});
    set(pool, "strides", Values{2, 2});
    set(pool, "ceil_mode", std::int64_t{1});
    return model;
  };
  EXPECT_EQ(only<ir::MaxPool2d>(odd("MaxPool").parse()).window, (Window{{2, 2}, {2, 2}, {0, 0}, {1, 1}, true}));
  expect_error<UnsupportedOperator>([&] { odd("AveragePool").parse(); }, {"ceil_mode = 1", "another area"});
}

TEST(OnnxPool, UnevenPadding) {
  PoolModel behind("MaxPool");  // a last window that reaches over the border
  set(*behind.pool, "pads", Values{0, 0, 1, 1});
  behind.graph().mutable_node(0)->mutable_attribute(0)->set_ints(0, 3);
  behind.graph().mutable_node(0)->mutable_attribute(0)->set_ints(1, 3);
  EXPECT_EQ(only<ir::MaxPool2d>(behind.parse()).window, (Window{{3, 3}, {2, 2}, {0, 0}, {1, 1}, true}));

  PoolModel front("MaxPool");
  front.pool->mutable_attribute(1)->set_ints(0, 1);
  front.pool->mutable_attribute(1)->set_ints(1, 1);
  set(*front.pool, "pads", Values{1, 1, 2, 2});
  expect_error<UnsupportedOperator>([&] { front.parse(); }, {"'the_MaxPool'", "bottom 2", "negative"});
  ModelUnderTest positive;  // zeros are as good as nothing behind a ReLU
  positive.node("Relu", {"x"}, "r");
  auto& pool = positive.node("MaxPool", {"r"}, "y");
  set(pool, "kernel_shape", Values{2, 2});
  set(pool, "pads", Values{1, 1, 2, 2});
  EXPECT_EQ(testing::operators(positive.parse()),
            (std::vector<std::string>{"Input", "ReLU", "Conv2d", "MaxPool2d", "Output"}));
}

TEST(OnnxPool, Refusals) {
  for (const char* op_type : {"MaxPool", "AveragePool"}) {
    PoolModel dilated(op_type);
    set(*dilated.pool, "dilations", Values{2, 2});
    expect_error<UserError>([&] { dilated.parse(); }, {std::string("the_") + op_type, "dilation"});

    ModelUnderTest bare;
    bare.node(op_type, {"x"}, "y");
    expect_error<UserError>([&] { bare.parse(); }, {op_type, "kernel_shape"});
  }
  PoolModel excluded("AveragePool");
  set(*excluded.pool, "pads", Values{1, 1, 1, 1});
  expect_error<UnsupportedOperator>([&] { excluded.parse(); }, {"'the_AveragePool'", "top 1", "count_include_pad"});

  PoolModel indices("MaxPool");
  indices.pool->set_output(0, "pooled");
  indices.pool->add_output("y");
  expect_error<UnsupportedOperator>([&] { indices.parse(); }, {"'the_MaxPool'", "output 1 'y'"});
}

}  // namespace
}  // namespace neurocuda
