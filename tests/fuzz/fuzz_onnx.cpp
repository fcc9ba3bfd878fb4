// Whatever the bytes, neurocuda::onnx::parse either gives a valid graph that can be written and read again, or throws
// UserError.
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "neurocuda/base/error.hpp"
#include "neurocuda/onnx/onnx.hpp"
#include "support/random_graph.hpp"
#include "unit/onnx/model_under_test.hpp"

namespace {

using neurocuda::testing::ModelUnderTest;
using neurocuda::testing::set;
using Values = std::vector<std::int64_t>;

/// Shapes computed and put together, as exporters write x.view(x.size(0), -1); a range and a filled constant.
ModelUnderTest computed_shapes() {
  ModelUnderTest model({2, 3, 3});
  for (const auto& [name, value] : {std::pair{"zero", 0}, {"two", 2}, {"one", 1}})
    model.integers(name, {value}).clear_dims();
  model.integers("axes", {0});
  model.integers("shape", {18, 2});
  model.node("Shape", {"x"}, "extents");
  model.node("Gather", {"extents", "zero"}, "n");
  model.node("Unsqueeze", {"n", "axes"}, "n1");
  model.node("Range", {"zero", "two", "one"}, "range");
  model.node("Slice", {"range", "axes", "n1"}, "begin");
  model.integers("minus", {-1});
  set(model.node("Concat", {"begin", "minus"}, "target"), "axis", std::int64_t{0});
  model.node("Reshape", {"x", "target"}, "flat");
  model.node("ConstantOfShape", {"shape"}, "zeros");
  set(model.node("Cast", {"range"}, "reals"), "to", std::int64_t{1});
  model.node("Add", {"zeros", "reals"}, "w");
  model.node("MatMul", {"flat", "w"}, "y");
  return model;
}

/// Channels behind, padding, arithmetic with constants, quantised weights, parts put together, a softmax.
ModelUnderTest other_axes() {
  ModelUnderTest model({4, 4, 2});
  model.integers("pads", {0, 0, 1, 0, 0, 1, 0, 0});
  model.constant("mean", {2}, {0.5F, 0.25F});
  auto& codes = model.integers("codes", {});
  codes.set_data_type(neurocuda::testing::proto::TensorProto::INT8);
  codes.set_raw_data("\x01\x02\x03\xFE");
  codes.clear_dims();
  for (const int extent : {2, 2, 1, 1}) codes.add_dims(extent);
  model.constant("scale", {}, {0.5F});
  model.constant("six", {}, {6});
  model.constant("none", {}, {0});
  model.integers("start", {1});
  model.integers("end", {3});
  model.node("DequantizeLinear", {"codes", "scale"}, "w");
  model.node("Sub", {"x", "mean"}, "centred");
  model.node("Pad", {"centred", "pads"}, "padded");
  set(model.node("Transpose", {"padded"}, "nchw"), "perm", Values{0, 3, 1, 2});
  set(model.node("Conv", {"nchw", "w"}, "c"), "pads", Values{0, 1, 1, 0});
  model.node("Clip", {"c", "none", "six"}, "r");
  auto& split = model.node("Split", {"r"}, "a");
  split.add_output("b");
  set(split, "axis", std::int64_t{1});
  set(model.node("Concat", {"b", "r", "a"}, "cat"), "axis", std::int64_t{1});
  model.node("Slice", {"cat", "start", "end", "start"}, "part");
  set(model.node("ReduceMean", {"part"}, "means"), "axes", Values{2, 3});
  model.node("Squeeze", {"means"}, "features");
  model.node("Softmax", {"features"}, "y");
  return model;
}

std::span<const std::uint8_t> as_bytes(const std::string& text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace neurocuda;
  std::string text;
  try {
    text = neurocuda::onnx::serialize(neurocuda::onnx::parse({data, size}, "fuzz"));
  } catch (const UserError&) {
    return 0;
  }
  ensure(neurocuda::onnx::serialize(neurocuda::onnx::parse(as_bytes(text), "again")) == text,
         "a written file reads back differently");
  return 0;
}

/// Small files: with large weights nearly all mutations would hit numbers.
std::vector<std::vector<std::uint8_t>> fuzz_seeds() {
  using namespace neurocuda;
  std::vector<std::vector<std::uint8_t>> seeds;
  for (std::uint64_t seed = 0; seed < 4; ++seed) {
    const std::string text = neurocuda::onnx::serialize(testing::random_graph(seed, seed % 2 == 1));
    seeds.emplace_back(text.begin(), text.end());
  }
  ir::Graph graph;
  ir::NodeId at = graph.add("x", ir::Input{{1, 4, 4}, {{0.5F}, {0.25F}}});
  at = graph.add("conv", ir::Conv2d{Tensor<float>({1, 1, 3, 3}, 0.1F), Tensor<float>({1}), {{3, 3}}, 1}, {at});
  at = graph.add("relu", ir::ReLU{}, {at});
  at = graph.add("pool", ir::AvgPool2d{{{2, 2}, {2, 2}}}, {at});
  at = graph.add("drop", ir::Dropout{}, {graph.add("flat", ir::Flatten{}, {at})});
  at = graph.add("fc", ir::Linear{Tensor<float>({2, 1}, 1.0F), {}}, {at});
  graph.add("y", ir::Output{}, {at});
  for (const std::string& text : {neurocuda::onnx::serialize(graph), computed_shapes().bytes(), other_axes().bytes()})
    seeds.emplace_back(text.begin(), text.end());
  return seeds;
}
