#include <gtest/gtest.h>

#include <cstring>

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
using Values = std::vector<std::int64_t>;

/// x (2, 4, 4) reshaped to `target`; the batch is open, or fixed.
ModelUnderTest reshape_model(const Values& target, std::int64_t batch = 0) {
  ModelUnderTest model;
  model.integers("shape", target);
  model.node("Reshape", {"x", "shape"}, "y");
  auto& dim = *model.graph().mutable_input(0)->mutable_type()->mutable_tensor_type()->mutable_shape()->mutable_dim(0);
  if (batch > 0) dim.set_dim_value(batch);
  return model;
}

TEST(OnnxReshape, ThatFlattensIsFlatten) {
  for (const Values& target : {Values{0, -1}, Values{-1, 32}, Values{0, 32}, Values{1, -1}, Values{16, 32}}) {
    EXPECT_EQ(operators(reshape_model(target).parse()), (Names{"Input", "Flatten", "Output"}));
  }
  EXPECT_EQ(operators(reshape_model({8, -1}, 8).parse()), (Names{"Input", "Flatten", "Output"}));
}

TEST(OnnxReshape, KeepsWhatItDoesNotMerge) {
  for (const Values& target : {Values{0, 2, 16}, Values{0, 0, -1}, Values{-1, 2, 4, 4}, Values{0, 1, 2, 1, 4, 4}}) {
    EXPECT_EQ(operators(reshape_model(target).parse()), (Names{"Input", "Output"}));
  }
  ModelUnderTest numbers = reshape_model({1, 32}, 1);  // what torch's exporter writes
  set(*numbers.graph().mutable_node(0), "allowzero", std::int64_t{1});
  EXPECT_EQ(operators(numbers.parse()), (Names{"Input", "Flatten", "Output"}));
}

TEST(OnnxReshape, ThatMixesImagesIsRefused) {
  for (const Values& target : {Values{-1}, Values{-1, 16}, Values{0, 16}, Values{-1, -1}, Values{}, Values{-2, 32},
                               Values{0, INT64_MAX, INT64_MAX}, Values{0, INT64_MIN, 2}}) {
    const ModelUnderTest model = reshape_model(target);
    expect_error<UnsupportedOperator>([&] { model.parse(); }, {"Reshape 'the_Reshape'", "(1, 2, 4, 4)", "apart"});
  }
  const ModelUnderTest other_batch = reshape_model({1, -1}, 8);
  expect_error<UnsupportedOperator>([&] { other_batch.parse(); }, {"'the_Reshape'", "(1, -1)"});
  ModelUnderTest zero = reshape_model({0, -1});
  set(*zero.graph().mutable_node(0), "allowzero", std::int64_t{1});
  expect_error<UnsupportedOperator>([&] { zero.parse(); }, {"'the_Reshape'"});
  const ModelUnderTest split = reshape_model({0, 4, 2, 4});
  expect_error<UnsupportedOperator>([&] { split.parse(); }, {"'the_Reshape'", "(N, 4, 2, 4)", "apart"});
}

TEST(OnnxReshape, BackFromFlat) {
  ModelUnderTest model;
  model.integers("shape", {-1, 2, 4, 4});
  set(model.node("Flatten", {"x"}, "f"), "axis", std::int64_t{1});
  model.node("Reshape", {"f", "shape"}, "r");
  model.node("GlobalAveragePool", {"r"}, "y");
  EXPECT_EQ(operators(model.parse()), (Names{"Input", "GlobalAvgPool", "Output"}));
}

TEST(OnnxFlatten, OnlyFromAxisOne) {
  for (const std::int64_t axis : {1, -3}) {
    ModelUnderTest model;
    set(model.node("Flatten", {"x"}, "y"), "axis", axis);
    EXPECT_EQ(operators(model.parse()), (Names{"Input", "Flatten", "Output"}));
  }
  ModelUnderTest model;
  set(model.node("Flatten", {"x"}, "y"), "axis", std::int64_t{2});
  expect_error<UnsupportedOperator>([&] { model.parse(); }, {"'the_Flatten'", "axis = 2", "batch"});
}

TEST(OnnxReduceMean, OverHeightAndWidthIsGlobalPooling) {
  for (const Values& axes : {Values{2, 3}, Values{3, 2}, Values{-1, -2}, Values{2, -1}}) {
    ModelUnderTest attribute;
    set(attribute.node("ReduceMean", {"x"}, "y"), "axes", axes);
    EXPECT_EQ(operators(attribute.parse()), (Names{"Input", "GlobalAvgPool", "Output"}));

    ModelUnderTest input;  // since opset 18
    input.integers("axes", axes);
    set(input.node("ReduceMean", {"x", "axes"}, "y"), "keepdims", std::int64_t{0});
    EXPECT_EQ(operators(input.parse()), (Names{"Input", "GlobalAvgPool", "Flatten", "Output"}));
  }
}

TEST(OnnxReduceMean, OverOtherAxesIsRefused) {
  for (const Values& axes : {Values{1}, Values{1, 2, 3}, Values{0}}) {
    ModelUnderTest model;
    set(model.node("ReduceMean", {"x"}, "y"), "axes", axes);
    expect_error<UnsupportedOperator>([&] { model.parse(); }, {"ReduceMean 'the_ReduceMean'", "height and width"});
  }
  for (const Values& axes : {Values{2, 2}, Values{2, -2}, Values{4}, Values{-5}}) {
    ModelUnderTest model;
    set(model.node("ReduceMean", {"x"}, "y"), "axes", axes);
    expect_error<UserError>([&] { model.parse(); }, {"ReduceMean 'the_ReduceMean'", "axis"});
  }
  ModelUnderTest rows;
  set(rows.node("ReduceMean", {"x"}, "y"), "axes", Values{3});
  EXPECT_EQ(only<ir::AvgPool2d>(rows.parse()).window, (Window{{1, 4}}));
  ModelUnderTest all;
  all.node("ReduceMean", {"x"}, "y");
  expect_error<UnsupportedOperator>([&] { all.parse(); }, {"'the_ReduceMean'"});
}

ModelUnderTest batch_norm_model() {
  ModelUnderTest model;
  for (const char* name : {"gamma", "beta", "mean", "var"}) model.counting(name, {2});
  model.node("BatchNormalization", {"x", "gamma", "beta", "mean", "var"}, "y");
  return model;
}

TEST(OnnxBatchNorm, InferenceForm) {
  ModelUnderTest model = batch_norm_model();
  set(*model.graph().mutable_node(0), "momentum", 0.9F);
  EXPECT_EQ(only<ir::BatchNorm2d>(model.parse()).epsilon, 1e-5F);
  set(*model.graph().mutable_node(0), "epsilon", 1e-3F);
  EXPECT_EQ(only<ir::BatchNorm2d>(model.parse()).epsilon, 1e-3F);
  EXPECT_EQ(only<ir::BatchNorm2d>(model.parse()).variance, Tensor<float>({2}, {1, 2}));
}

TEST(OnnxBatchNorm, Refusals) {
  ModelUnderTest training = batch_norm_model();
  set(*training.graph().mutable_node(0), "training_mode", std::int64_t{1});
  expect_error<UnsupportedOperator>([&] { training.parse(); }, {"'the_BatchNormalization'", "training", "eval()"});

  ModelUnderTest outputs = batch_norm_model();  // before opset 14, five outputs mean training
  outputs.graph().mutable_node(0)->add_output("running_mean");
  expect_error<UnsupportedOperator>([&] { outputs.parse(); }, {"'the_BatchNormalization'", "training"});

  ModelUnderTest negative = batch_norm_model();
  negative.graph().mutable_initializer(3)->set_float_data(1, -1.0F);
  expect_error<UserError>([&] { negative.parse(); }, {"net.onnx", "'the_BatchNormalization'", "variance[1] is -1"});

  ModelUnderTest missing = batch_norm_model();
  missing.graph().mutable_node(0)->mutable_input()->RemoveLast();
  expect_error<UserError>([&] { missing.parse(); }, {"'the_BatchNormalization'", "no input 4"});
}

TEST(OnnxDropout, RateIsAnAttributeOrAnInput) {
  ModelUnderTest attribute;
  auto& old = attribute.node("Dropout", {"x"}, "y");
  set(old, "ratio", 0.25F);
  old.add_output("mask");  // there, but nobody reads it
  EXPECT_EQ(only<ir::Dropout>(attribute.parse()).rate, 0.25F);

  ModelUnderTest input;
  input.constant("rate", {}, {0.125F});
  input.node("Dropout", {"x", "rate"}, "y");
  EXPECT_EQ(only<ir::Dropout>(input.parse()).rate, 0.125F);

  ModelUnderTest bare;
  bare.node("Dropout", {"x"}, "y");
  EXPECT_EQ(only<ir::Dropout>(bare.parse()).rate, 0.5F);
}

TEST(OnnxDropout, Refusals) {
  ModelUnderTest training;
  training.constant("rate", {}, {0.1F});
  auto& mode = training.integers("mode", {});
  mode.clear_dims();
  mode.set_data_type(testing::proto::TensorProto::BOOL);
  mode.set_raw_data(std::string(1, '\1'));
  training.node("Dropout", {"x", "rate", "mode"}, "y");
  expect_error<UnsupportedOperator>([&] { training.parse(); }, {"'the_Dropout'", "training"});
  mode.set_raw_data(std::string(1, '\0'));
  EXPECT_EQ(only<ir::Dropout>(training.parse()).rate, 0.1F);

  ModelUnderTest many;
  many.counting("rate", {3});
  many.node("Dropout", {"x", "rate"}, "y");
  expect_error<UserError>([&] { many.parse(); }, {"'the_Dropout'", "3 values"});
}

TEST(OnnxConstant, InEveryForm) {
  ModelUnderTest tensor({2});
  auto& value = *tensor.node("Constant", {}, "w").add_attribute();
  value.set_name("value");
  value.set_type(testing::proto::AttributeProto::TENSOR);
  value.mutable_t()->set_data_type(testing::proto::TensorProto::DOUBLE);
  value.mutable_t()->add_dims(2);
  value.mutable_t()->add_dims(1);
  value.mutable_t()->add_double_data(0.1);
  value.mutable_t()->add_double_data(-2);
  tensor.node("Identity", {"w"}, "shared");
  tensor.node("MatMul", {"x", "shared"}, "y");
  EXPECT_EQ(only<ir::Linear>(tensor.parse()).weight, Tensor<float>({1, 2}, {0.1F, -2.0F}));

  ModelUnderTest integers;
  set(integers.node("Constant", {}, "axes"), "value_ints", Values{2, 3});
  integers.node("ReduceMean", {"x", "axes"}, "y");
  EXPECT_EQ(operators(integers.parse()), (Names{"Input", "GlobalAvgPool", "Output"}));

  ModelUnderTest number;
  set(number.node("Constant", {}, "rate"), "value_float", 0.75F);
  number.node("Dropout", {"x", "rate"}, "y");
  EXPECT_EQ(only<ir::Dropout>(number.parse()).rate, 0.75F);

  ModelUnderTest text;
  set(text.node("Constant", {}, "rate"), "value_string", std::string("a lot"));
  text.node("Dropout", {"x", "rate"}, "y");
  expect_error<UnsupportedOperator>([&] { text.parse(); }, {"Constant 'the_Constant'", "neither"});
}

TEST(OnnxTensor, RawAndTypedFloat64AndFloat32Agree) {
  const double doubles[] = {0.5, -1.5};
  const float floats[] = {0.5F, -1.5F};
  for (const int type : {testing::proto::TensorProto::FLOAT, testing::proto::TensorProto::DOUBLE}) {
    ModelUnderTest model({1});
    auto& weight = model.constant("w", {1, 2}, {});
    weight.set_data_type(type);
    const bool wide = type == testing::proto::TensorProto::DOUBLE;
    weight.set_raw_data(wide ? static_cast<const void*>(doubles) : floats, wide ? sizeof doubles : sizeof floats);
    model.node("MatMul", {"x", "w"}, "y");
    EXPECT_EQ(only<ir::Linear>(model.parse()).weight, Tensor<float>({2, 1}, {0.5F, -1.5F}));
  }
}

TEST(OnnxOperators, UnknownOnesAreRefusedByNameWithARemedy) {
  const std::vector<Names> cases = {{"Sigmoid", "logits"}, {"Tanh", "ReLU"},           {"ArgMax", "logits"},
                                    {"LSTM", "recurrent"}, {"Frobnicate", "residual"}, {"QLinearConv", "QDQ"}};
  for (const Names& expected : cases) {
    ModelUnderTest model;
    model.node(expected[0], {"x"}, "y").set_name("here");
    expect_error<UnsupportedOperator>([&] { model.parse(); }, {"net.onnx", expected[0] + " 'here'", expected[1]});
  }
  ModelUnderTest nameless;
  nameless.node("Sin", {"x"}, "angle").clear_name();
  nameless.node("Relu", {"angle"}, "y");
  expect_error<UnsupportedOperator>([&] { nameless.parse(); }, {"Sin 'angle'"});

  ModelUnderTest foreign;
  foreign.node("Relu", {"x"}, "y").set_domain("com.example");
  expect_error<UnsupportedOperator>([&] { foreign.parse(); }, {"com.example.Relu 'the_Relu'"});
}

}  // namespace
}  // namespace neurocuda
