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

    ConvModel uneven;  // 4 pixels, stride 2: 2 outputs need 5 pixels
    set(*uneven.conv, "auto_pad", std::string(mode));
    set(*uneven.conv, "strides", Values{2, 2});
    expect_error<UnsupportedOperator>([&] { uneven.parse(); }, {"Conv 'the_Conv'", "SAME", "by 1", "symmetric"});
  }

  ConvModel unknown;
  set(*unknown.conv, "auto_pad", std::string("SIDEWAYS\n"));
  expect_error<UserError>([&] { unknown.parse(); }, {"'the_Conv'", "SIDEWAYS_", "NOTSET"});
}

TEST(OnnxConv, Refusals) {
  ConvModel asymmetric;
  set(*asymmetric.conv, "pads", Values{1, 1, 0, 1});
  expect_error<UnsupportedOperator>([&] { asymmetric.parse(); }, {"'the_Conv'", "top 1", "bottom 0", "symmetric"});

  ConvModel one_d({3, 2, 3});
  expect_error<UnsupportedOperator>([&] { one_d.parse(); }, {"'the_Conv'", "(3, 2, 3)", "2-D"});

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

TEST(OnnxPool, Refusals) {
  for (const char* op_type : {"MaxPool", "AveragePool"}) {
    PoolModel ceiling(op_type);
    set(*ceiling.pool, "ceil_mode", std::int64_t{1});
    expect_error<UnsupportedOperator>([&] { ceiling.parse(); }, {op_type, "ceil_mode"});

    PoolModel dilated(op_type);
    set(*dilated.pool, "dilations", Values{2, 2});
    expect_error<UserError>([&] { dilated.parse(); }, {std::string("the_") + op_type, "dilation"});

    ModelUnderTest bare;
    bare.node(op_type, {"x"}, "y");
    expect_error<UserError>([&] { bare.parse(); }, {op_type, "kernel_shape"});
  }
  PoolModel excluded("AveragePool");
  set(*excluded.pool, "pads", Values{1, 1, 1, 1});
  expect_error<UnsupportedOperator>([&] { excluded.parse(); }, {"'the_AveragePool'", "1x1", "count_include_pad"});

  PoolModel indices("MaxPool");
  indices.pool->set_output(0, "pooled");
  indices.pool->add_output("y");
  expect_error<UnsupportedOperator>([&] { indices.parse(); }, {"'the_MaxPool'", "output 1 'y'"});
}

}  // namespace
}  // namespace neurocuda
