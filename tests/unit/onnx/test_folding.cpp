// Constants that are computed while a file is read.
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
using Names = std::vector<std::string>;
using Weight = testing::proto::TensorProto;

/// What the node "folded" of the model computes, as the row that a vector x (1,) is multiplied by.
std::vector<float> row(ModelUnderTest& model) {
  model.integers("as_row", {1, -1});
  model.node("Reshape", {"folded", "as_row"}, "row");
  set(model.node("Cast", {"row"}, "real"), "to", std::int64_t{Weight::FLOAT});
  model.node("MatMul", {"x", "real"}, "y");
  const auto weight = only<ir::Linear>(model.parse()).weight;
  return {weight.values().begin(), weight.values().end()};
}

ModelUnderTest empty() { return ModelUnderTest({1}); }

TEST(OnnxFolding, BinaryOperatorsBroadcast) {
  const std::vector<std::pair<std::string, std::vector<float>>> cases = {
      {"Add", {5, 6, 7, 8}},   {"Sub", {-3, -2, -5, -4}},
      {"Mul", {4, 8, 6, 12}},  {"Div", {0.25, 0.5, 1.0F / 6, 1.0F / 3}},
      {"Pow", {1, 16, 1, 64}}, {"Equal", {0, 0, 0, 0}},
      {"Less", {1, 1, 1, 1}},  {"Greater", {0, 0, 0, 0}},
      {"Max", {4, 4, 6, 6}},   {"Min", {1, 2, 1, 2}},
      {"Sum", {5, 6, 7, 8}},
  };
  for (const auto& [op, expected] : cases) {
    ModelUnderTest model = empty();
    model.constant("a", {1, 2}, {1, 2});
    model.constant("b", {2, 1}, {4, 6});
    model.node(op, {"a", "b"}, "folded");
    EXPECT_EQ(row(model), expected) << op;
  }
}

TEST(OnnxFolding, IntegersStayIntegers) {
  const std::vector<std::pair<std::string, std::vector<float>>> cases = {
      {"Div", {-3, 3}}, {"Mod", {1, 1}}, {"Mul", {-14, 14}}, {"Add", {-5, 9}}};
  for (const auto& [op, expected] : cases) {
    ModelUnderTest model = empty();
    model.integers("a", {-7, 7});
    model.integers("b", {2});
    model.node(op, {"a", "b"}, "folded");
    EXPECT_EQ(row(model), expected) << op;
  }
  for (const auto& [op, a, b] : std::vector<std::tuple<std::string, std::int64_t, std::int64_t>>{{"Add", INT64_MAX, 1},
                                                                                                 {"Sub", INT64_MIN, 1},
                                                                                                 {"Mul", INT64_MAX, 2},
                                                                                                 {"Div", 1, 0},
                                                                                                 {"Div", INT64_MIN, -1},
                                                                                                 {"Mod", 1, 0},
                                                                                                 {"Pow", 3, 64},
                                                                                                 {"Pow", 2, -1}}) {
    ModelUnderTest model = empty();
    model.integers("a", {a});
    model.integers("b", {b});
    model.node(op, {"a", "b"}, "folded");
    expect_error<UserError>([&] { row(model); }, {"net.onnx", op + " 'the_" + op + "'", "64 bits"});
  }
}

TEST(OnnxFolding, UnaryOperators) {
  const std::vector<std::pair<std::string, std::vector<float>>> cases = {
      {"Neg", {-4, 0.5F}},        {"Abs", {4, 0.5F}}, {"Floor", {4, -1}}, {"Ceil", {4, 0}},
      {"Reciprocal", {0.25, -2}}, {"Round", {4, 0}},  {"Sign", {1, -1}}};
  for (const auto& [op, expected] : cases) {
    ModelUnderTest model = empty();
    model.constant("a", {2}, {4, -0.5});
    model.node(op, {"a"}, "folded");
    EXPECT_EQ(row(model), expected) << op;
  }
}

TEST(OnnxFolding, TensorsAreMoved) {
  struct Case {
    const char* op;
    Names inputs;
    std::vector<float> expected;
  };
  const std::vector<Case> cases = {
      {"Transpose", {"t"}, {1, 4, 2, 5, 3, 6}},
      {"Gather", {"t", "last_first"}, {4, 5, 6, 1, 2, 3}},
      {"Concat", {"t", "t"}, {1, 2, 3, 4, 5, 6, 1, 2, 3, 4, 5, 6}},
      {"Slice", {"t", "one", "large", "one"}, {2, 3, 5, 6}},
      {"Slice", {"t", "minus_one", "small", "one", "minus_two"}, {3, 1, 6, 4}},
      {"Tile", {"t", "two_one"}, {1, 2, 3, 4, 5, 6, 1, 2, 3, 4, 5, 6}},
      {"Tile", {"t", "one_two"}, {1, 2, 3, 1, 2, 3, 4, 5, 6, 4, 5, 6}},
      {"Expand", {"column", "two_three"}, {7, 7, 7, 8, 8, 8}},
  };
  for (const Case& test : cases) {
    ModelUnderTest model = empty();
    model.counting("t", {2, 3});
    model.constant("column", {2, 1}, {7, 8});
    model.integers("last_first", {-1, 0});
    model.integers("one", {1});
    model.integers("large", {INT64_MAX});
    model.integers("small", {INT64_MIN});
    model.integers("minus_one", {-1});
    model.integers("minus_two", {-2});
    model.integers("two_one", {2, 1});
    model.integers("one_two", {1, 2});
    model.integers("two_three", {2, 3});
    auto& node = model.node(test.op, test.inputs, "folded");
    if (std::string(test.op) == "Concat") set(node, "axis", std::int64_t{0});
    EXPECT_EQ(row(model), test.expected) << test.op;
  }
}

TEST(OnnxFolding, Reductions) {
  const std::vector<std::pair<std::string, std::vector<float>>> cases = {
      {"ReduceSum", {6, 15}}, {"ReduceProd", {6, 120}},      {"ReduceMean", {2, 5}}, {"ReduceMax", {3, 6}},
      {"ReduceL1", {6, 15}},  {"ReduceSumSquare", {14, 77}}, {"ReduceMin", {1, 4}}};
  for (const auto& [op, expected] : cases) {
    ModelUnderTest model = empty();
    model.counting("t", {2, 3});
    model.integers("axes", {-1});
    model.node(op, {"t", "axes"}, "folded");
    EXPECT_EQ(row(model), expected) << op;
  }
}

TEST(OnnxFolding, WhereAndRangeAndConstantOfShape) {
  ModelUnderTest where = empty();
  where.integers("a", {1, 5});
  where.integers("b", {3});
  where.integers("c", {-1});
  where.node("Greater", {"a", "b"}, "larger");
  where.node("Where", {"larger", "a", "c"}, "folded");
  EXPECT_EQ(row(where), (std::vector<float>{-1, 5}));

  ModelUnderTest range = empty();
  for (const auto& [name, value] : {std::pair{"start", 7}, {"limit", 0}, {"delta", -3}}) {
    auto& tensor = range.integers(name, {value});
    tensor.clear_dims();
  }
  range.node("Range", {"start", "limit", "delta"}, "folded");
  EXPECT_EQ(row(range), (std::vector<float>{7, 4, 1}));

  ModelUnderTest filled = empty();
  filled.integers("shape", {2, 2});
  filled.node("ConstantOfShape", {"shape"}, "folded");
  EXPECT_EQ(row(filled), (std::vector<float>{0, 0, 0, 0}));
}

TEST(OnnxFolding, ShapesOfTheNetworksValues) {
  ModelUnderTest model({2, 4, 5});
  auto& shape = model.node("Shape", {"x"}, "shape");
  set(shape, "start", std::int64_t{1});
  model.node("Size", {"x"}, "size");
  model.integers("one", {1});
  model.node("Unsqueeze", {"size", "zero_axis"}, "size1");
  model.integers("zero_axis", {0});
  model.integers("head", {0});
  auto& target = model.node("Concat", {"head", "size1"}, "target");
  set(target, "axis", std::int64_t{0});
  model.node("Reshape", {"x", "target"}, "flat");
  model.node("Identity", {"flat"}, "y");
  const ir::Graph graph = model.parse();
  EXPECT_EQ(testing::operators(graph), (Names{"Input", "Flatten", "Identity", "Output"}));
}

TEST(OnnxFolding, NarrowTypesAreWidened) {
  const auto weight_of = [](int type, const std::string& raw) {
    ModelUnderTest model({1});
    auto& tensor = model.constant("w", {1, 2}, {});
    tensor.set_data_type(type);
    tensor.set_raw_data(raw);
    set(model.node("Cast", {"w"}, "real"), "to", std::int64_t{Weight::FLOAT});
    model.node("MatMul", {"x", "real"}, "y");
    return only<ir::Linear>(model.parse()).weight;
  };
  const auto bytes = [](auto a, auto b) {
    const decltype(a) values[] = {a, static_cast<decltype(a)>(b)};
    return std::string(reinterpret_cast<const char*>(values), sizeof values);
  };
  const Tensor<float> expected({2, 1}, {1.5F, -2.0F});
  EXPECT_EQ(weight_of(Weight::FLOAT16, bytes(std::uint16_t{0x3E00}, 0xC000)), expected);
  EXPECT_EQ(weight_of(Weight::BFLOAT16, bytes(std::uint16_t{0x3FC0}, 0xC000)), expected);
  EXPECT_EQ(weight_of(Weight::FLOAT16, bytes(std::uint16_t{0x0001}, 0x8400)),
            Tensor<float>({2, 1}, {0x1p-24F, -0x1p-14F}));
  const Tensor<float> integers({2, 1}, {3, -7});
  EXPECT_EQ(weight_of(Weight::INT8, bytes(std::int8_t{3}, -7)), integers);
  EXPECT_EQ(weight_of(Weight::INT16, bytes(std::int16_t{3}, -7)), integers);
  EXPECT_EQ(weight_of(Weight::INT32, bytes(std::int32_t{3}, -7)), integers);
  EXPECT_EQ(weight_of(Weight::INT64, bytes(std::int64_t{3}, -7)), integers);
  EXPECT_EQ(weight_of(Weight::UINT8, bytes(std::uint8_t{3}, 249)), Tensor<float>({2, 1}, {3, 249}));
  EXPECT_EQ(weight_of(Weight::BOOL, bytes(std::uint8_t{1}, 2)), Tensor<float>({2, 1}, {1, 1}));
}

TEST(OnnxFolding, CastsThatLoseTheNumberAreRefused) {
  for (const float value : {1e30F, -1.0F, 256.0F, NAN}) {
    ModelUnderTest model = empty();
    model.constant("a", {1}, {value});
    set(model.node("Cast", {"a"}, "folded"), "to", std::int64_t{Weight::UINT8});
    expect_error<UserError>([&] { row(model); }, {"Cast 'the_Cast'", "integer"});
  }
}

TEST(OnnxFolding, Quantisation) {
  ModelUnderTest model = empty();
  model.constant("a", {2, 2}, {0.24F, -10, 0.25F, 10});
  model.constant("scale", {2}, {0.1F, 0.5F});
  auto& zero = model.integers("zero", {1, -1});
  zero.set_data_type(Weight::INT8);
  zero.clear_int64_data();
  zero.add_int32_data(1);
  zero.add_int32_data(-1);
  model.node("QuantizeLinear", {"a", "scale", "zero"}, "q");
  model.node("DequantizeLinear", {"q", "scale", "zero"}, "folded");
  const auto values = row(model);  // 0.24 -> 2 + 1; -10 / 0.5 - 1; 0.25 -> half to even 2 + 1; 10 / 0.5 - 1
  ASSERT_EQ(values.size(), 4);
  EXPECT_FLOAT_EQ(values[0], 0.2F);
  EXPECT_FLOAT_EQ(values[1], -10);
  EXPECT_FLOAT_EQ(values[2], 0.2F);
  EXPECT_FLOAT_EQ(values[3], 10);

  ModelUnderTest saturated = empty();
  saturated.constant("a", {2}, {-5, 1000});
  saturated.constant("scale", {}, {1});
  saturated.node("QuantizeLinear", {"a", "scale"}, "folded");  // uint8 unless it says another type
  EXPECT_EQ(row(saturated), (std::vector<float>{0, 255}));
}

/// A model in which "folded" would take 2^40 numbers or more.
template <class Build>
void expect_bounded(const Build& build, const std::vector<std::string>& parts) {
  ModelUnderTest model = empty();
  model.integers("huge", {std::int64_t{1} << 20, std::int64_t{1} << 20});
  model.constant("one", {1, 1}, {1});
  build(model);
  expect_error<UserError>([&] { row(model); }, parts);
}

TEST(OnnxFolding, NothingIsAllocatedThatTheFileCannotAccountFor) {
  expect_bounded([](ModelUnderTest& m) { m.node("ConstantOfShape", {"huge"}, "folded"); },
                 {"ConstantOfShape", "larger than the file"});
  expect_bounded(
      [](ModelUnderTest& m) {
        m.node("Expand", {"one", "huge"}, "folded");
      },
      {"Expand", "larger than the file"});
  expect_bounded(
      [](ModelUnderTest& m) {
        m.node("Tile", {"one", "huge"}, "folded");
      },
      {"Tile", "larger than the file"});
  expect_bounded(
      [](ModelUnderTest& m) {
        for (const auto& [name, value] :
             {std::pair{"a", std::int64_t{0}}, {"b", std::int64_t{1} << 39}, {"c", std::int64_t{1}}})
          m.integers(name, {value}).clear_dims();
        m.node("Range", {"a", "b", "c"}, "folded");
      },
      {"Range", "larger than the file"});
  for (const Values& shape : {Values{-1}, Values{INT64_MAX, INT64_MAX}, Values{0, INT64_MAX}, Values{INT64_MAX, 0}}) {
    expect_bounded(
        [&](ModelUnderTest& m) {
          m.integers("shape", shape);
          m.node("ConstantOfShape", {"shape"}, "folded");
        },
        {"net.onnx"});
  }
}

TEST(OnnxFolding, WorkIsBoundedToo) {
  ModelUnderTest model = empty();  // each doubles the one before
  model.constant("h0", {1, 1}, {1});
  model.integers("two", {1, 2});
  for (int i = 0; i < 60; ++i) model.node("Tile", {fmt::format("h{}", i), "two"}, fmt::format("h{}", i + 1));
  model.node("Identity", {"h60"}, "folded");
  expect_error<UserError>([&] { row(model); }, {"Tile", "larger than the file"});
}

TEST(OnnxFolding, MisfitsAreOneLine) {
  const auto refused = [](const char* op, const Names& inputs, const std::string& part) {
    ModelUnderTest model = empty();
    model.counting("a", {2, 3});
    model.counting("b", {4});
    model.integers("i", {9});
    model.integers("none", {});
    model.node(op, inputs, "folded");
    expect_error<UserError>([&] { row(model); }, {"net.onnx", op, part});
  };
  refused("Add", {"a", "b"}, "broadcasts");
  refused("Add", {"a", "i"}, "FLOAT and INT64");
  refused("Gather", {"a", "i"}, "element 9 of 2");
  refused("Gather", {"a", "b"}, "takes elements");
  refused("Concat", {"a", "b"}, "together");
  refused("Tile", {"a", "i"}, "repeats 1 axes of 2");
  refused("Reshape", {"a", "i"}, "6 values");
  refused("Unsqueeze", {"a", "i"}, "axis 9");
  refused("Slice", {"a", "i", "none"}, "1 starts, 0 ends");
  refused("Range", {"a", "a", "a"}, "one number");
  refused("ReduceSum", {"a", "i"}, "axis 9");
  refused("Add", {"a"}, "no input 1");
}

}  // namespace
}  // namespace neurocuda
