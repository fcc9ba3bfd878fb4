#include <gtest/gtest.h>

#include <limits>

#include "onnx/limits.hpp"
#include "support/expect_error.hpp"
#include "unit/onnx/model_under_test.hpp"

namespace neurocuda {
namespace {

using testing::expect_error;
using testing::ModelUnderTest;
using testing::set;

/// x (2,) times the constant "w"; what `edit` does to it is the test.
template <class Edit>
ModelUnderTest with_weight(const Edit& edit) {
  ModelUnderTest model({2});
  edit(model.counting("w", {2, 3}));
  model.node("MatMul", {"x", "w"}, "y");
  return model;
}

using Weight = testing::proto::TensorProto;

template <class Edit>
void expect_weight_error(const Edit& edit, const std::vector<std::string>& parts) {
  const ModelUnderTest model = with_weight(edit);
  expect_error<UserError>([&] { model.parse(); }, parts);
}

TEST(OnnxMalformed, Bytes) {
  expect_error<UserError>([] { ModelUnderTest::parse_bytes(""); }, {"net.onnx", "no ONNX graph"});
  expect_error<UserError>([] { ModelUnderTest::parse_bytes("not a model at all"); }, {"net.onnx", "not an ONNX model"});
  const std::string whole = with_weight([](Weight&) {}).bytes();
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_THROW(ModelUnderTest::parse_bytes(whole.substr(0, size)), UserError) << size;
  }
  EXPECT_EQ(ModelUnderTest::parse_bytes(whole).size(), 3);
}

TEST(OnnxMalformed, ExtentsThatDoNotMatchTheData) {
  expect_weight_error([](Weight& w) { w.set_dims(0, 4); }, {"net.onnx", "'w'", "(4, 3)", "6 values"});
  expect_weight_error([](Weight& w) { w.set_dims(0, std::int64_t{1} << 60); },
                      {"'w'", "1152921504606846976", "6 values"});
  expect_weight_error([](Weight& w) { w.set_dims(0, std::int64_t{1} << 62), w.set_dims(1, 4); }, {"'w'", "6 values"});
  expect_weight_error([](Weight& w) { w.set_dims(0, -2), w.set_dims(1, -3); }, {"'w'", "negative"});
  expect_weight_error([](Weight& w) { w.set_dims(1, 0), w.clear_float_data(); }, {"'w'", "empty"});
  expect_weight_error([](Weight& w) { w.set_dims(0, std::int64_t{1} << 62), w.set_dims(1, 0), w.clear_float_data(); },
                      {"'w'", "empty"});
  expect_weight_error(
      [](Weight& w) {
        for (int i = 0; i < 7; ++i) w.add_dims(1);
      },
      {"'w'", "9 axes"});
  expect_weight_error([](Weight& w) { w.set_raw_data("1234567"); }, {"'w'", "7 bytes of FLOAT"});
  expect_weight_error([](Weight& w) { w.set_raw_data("12345678"); }, {"'w'", "(2, 3)", "2 values"});
}

TEST(OnnxMalformed, ElementTypesAndStorage) {
  expect_weight_error([](Weight& w) { w.set_data_type(Weight::COMPLEX64); }, {"'w'", "COMPLEX64", "float32"});
  expect_weight_error([](Weight& w) { w.set_data_type(Weight::INT64), w.set_raw_data(std::string(48, '\0')); },
                      {"'w'", "INT64", "float32"});
  expect_weight_error([](Weight& w) { w.set_data_type(12345); }, {"'w'", "12345"});
  expect_weight_error([](Weight& w) { w.set_data_location(Weight::EXTERNAL); }, {"'w'", "beside the model", "path"});
  expect_weight_error([](Weight& w) { w.mutable_segment()->set_begin(0); }, {"'w'", "segments"});
  ModelUnderTest sparse = with_weight([](Weight&) {});
  sparse.graph().add_sparse_initializer();
  expect_error<UserError>([&] { sparse.parse(); }, {"sparse"});
}

TEST(OnnxMalformed, ParametersThatAreNotFinite) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  for (const float value : {std::numeric_limits<float>::quiet_NaN(), kInfinity, -kInfinity}) {
    expect_weight_error([&](Weight& w) { w.set_float_data(3, value); },
                        {"net.onnx", "'the_MatMul'", "weight", "finite"});
  }
  expect_weight_error(
      [](Weight& w) {
        w.set_data_type(Weight::DOUBLE);
        w.clear_float_data();
        for (int i = 0; i < 6; ++i) w.add_double_data(1e300);
      },
      {"net.onnx", "finite"});
}

TEST(OnnxMalformed, IntegerLists) {
  ModelUnderTest model;
  model.integers("shape", std::vector<std::int64_t>(65, 1));
  model.node("Reshape", {"x", "shape"}, "y");
  expect_error<UserError>([&] { model.parse(); }, {"'shape'", "64"});
  model.graph().mutable_initializer(0)->set_data_type(Weight::FLOAT);
  model.graph().mutable_initializer(0)->clear_int64_data();
  for (int i = 0; i < 65; ++i) model.graph().mutable_initializer(0)->add_float_data(1);
  expect_error<UserError>([&] { model.parse(); }, {"'shape'", "FLOAT"});
}

TEST(OnnxMalformed, AttributesThatReferToAFunction) {
  ModelUnderTest model;
  auto& flatten = model.node("Flatten", {"x"}, "y");
  set(flatten, "axis", std::int64_t{1});
  flatten.mutable_attribute(0)->set_ref_attr_name("outer");
  expect_error<UserError>([&] { model.parse(); }, {"'the_Flatten'", "'axis'"});
}

TEST(OnnxMalformed, MessagesThatWouldFillTheMemory) {
  // 16 million nodes of two bytes each, which would take some gigabytes as messages.
  const std::string nodes = [] {
    std::string text;
    for (int i = 0; i < 16'000'000; ++i) text += std::string_view("\x0A\x00", 2);
    return text;
  }();
  std::string graph = "\x3A";  // field 7, length-delimited
  for (std::size_t size = nodes.size(); size > 0; size >>= 7) {
    graph += static_cast<char>((size & 0x7F) | (size >= 0x80 ? 0x80 : 0));
  }
  expect_error<UserError>([&] { ModelUnderTest::parse_bytes(graph + nodes); }, {"net.onnx", "too many messages"});
}

TEST(OnnxMalformed, ConstantsSharedUntilTheyFillTheMemory) {
  constexpr std::int64_t kSide = 1024;  // 4 MiB
  ModelUnderTest model({kSide});
  auto& weight = model.constant("w", {kSide, kSide}, {});
  weight.set_raw_data(std::string(kSide * kSide * sizeof(float), '\0'));
  std::string at = "x";
  for (int i = 0; i < 100; ++i) {
    const std::string next = i == 99 ? "y" : fmt::format("h{}", i);
    model.node("MatMul", {at, "w"}, next);
    at = next;
  }
  expect_error<UserError>([&] { model.parse(); }, {"net.onnx", "share constants"});
}

TEST(OnnxMalformed, MoreNodesThanANetworkHas) {
  ModelUnderTest model;
  std::string at = "x";
  for (int i = 0; i <= onnx::kMaxNodes; ++i) {
    const std::string next = i == onnx::kMaxNodes ? "y" : fmt::format("h{}", i);
    model.node("Relu", {at}, next);
    at = next;
  }
  expect_error<UserError>([&] { model.parse(); }, {"net.onnx", "8193 nodes", "8192"});
}

TEST(OnnxMetadata, NormalizationThatDoesNotFit) {
  const auto with = [](const std::string& mean, const std::string& stddev) {
    ModelUnderTest model;
    model.node("Relu", {"x"}, "y");
    for (const auto& [key, value] : {std::pair{"neurocuda.mean", mean}, {"neurocuda.stddev", stddev}}) {
      if (value.empty()) continue;
      auto& entry = *model.model.add_metadata_props();
      entry.set_key(key);
      entry.set_value(value);
    }
    return model.parse().input_operator().normalization;
  };
  EXPECT_EQ(with("0.5,-1e-3", "1,2"), (ir::Normalization{{0.5F, -1e-3F}, {1, 2}}));
  EXPECT_TRUE(with("", "").empty());
  expect_error<UserError>([&] { with("1,2", ""); }, {"net.onnx", "neurocuda.mean", "both"});
  expect_error<UserError>([&] { with("1,2,3", "1,2"); }, {"neurocuda.mean", "3 values", "2 channels"});
  expect_error<UserError>([&] { with("1,2", "1,0"); }, {"neurocuda.stddev", "0", "positive"});
  expect_error<UserError>([&] { with("1,2", "1,nan"); }, {"neurocuda.stddev", "'nan'"});
  for (const char* text : {"1,", ",", "1;2", "1,2x", "1, 2", "1e99,2", "inf,1"}) {
    expect_error<UserError>([&] { with(text, "1,2"); }, {"neurocuda.mean", "not a finite number"});
  }
}

}  // namespace
}  // namespace neurocuda
