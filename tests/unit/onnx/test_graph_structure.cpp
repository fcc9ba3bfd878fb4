#include <gtest/gtest.h>

#include "support/expect_error.hpp"
#include "unit/onnx/model_under_test.hpp"

namespace neurocuda {
namespace {

using testing::expect_error;
using testing::ModelUnderTest;
using testing::operators;
using Names = std::vector<std::string>;

Names names(const ir::Graph& graph) {
  Names result;
  for (const ir::Node& node : graph.nodes()) result.push_back(node.name);
  return result;
}

TEST(OnnxStructure, NodesMayStandInAnyOrder) {
  ModelUnderTest model;
  model.node("Relu", {"b"}, "y").set_name("third");
  model.node("Identity", {"a"}, "b").set_name("second");
  model.node("GlobalAveragePool", {"x"}, "a").set_name("first");
  EXPECT_EQ(names(model.parse()), (Names{"x", "first", "second", "third", "y"}));
}

TEST(OnnxStructure, NodesThatTheOutputDoesNotNeedAreLeftOut) {
  ModelUnderTest model;
  model.node("Sin", {"x"}, "unused");
  model.node("Relu", {"x"}, "y");
  EXPECT_EQ(operators(model.parse()), (Names{"Input", "ReLU", "Output"}));
}

TEST(OnnxStructure, NodesGetUniqueNames) {
  ModelUnderTest model;
  model.node("Relu", {"x"}, "a").set_name("act");
  model.node("Relu", {"a"}, "b").set_name("act");
  model.node("Relu", {"b"}, "c").clear_name();
  model.node("Relu", {"c"}, "y").clear_name();
  EXPECT_EQ(names(model.parse()), (Names{"x", "act", "act_2", "c", "y_Relu", "y"}));
}

TEST(OnnxStructure, NamesBecomePrintable) {
  ModelUnderTest model;
  model.graph().set_name("two\nlines");
  model.node("Relu", {"x"}, "a").set_name("tab\there");
  model.node("Relu", {"a"}, "b").set_name("caf\xC3\xA9");
  model.node("Relu", {"b"}, "y").set_name("bad \xFF\xC3 \xED\xA0\x80");
  const ir::Graph graph = model.parse();
  EXPECT_EQ(graph.name, "two_lines");
  EXPECT_EQ(names(graph), (Names{"x", "tab_here", "caf\xC3\xA9", "bad __ ___", "y"}));
}

TEST(OnnxStructure, CyclesAreRefusedNamingANodeOnThem) {
  ModelUnderTest model;
  model.node("Relu", {"x"}, "a").set_name("before");
  model.node("Add", {"a", "c"}, "b").set_name("loop_add");
  model.node("Relu", {"b"}, "c").set_name("loop_relu");
  model.node("Relu", {"c"}, "y").set_name("behind");
  expect_error<UserError>([&] { model.parse(); }, {"net.onnx", "'loop_", "cycle"});

  ModelUnderTest itself;
  itself.node("Add", {"x", "y"}, "y");
  expect_error<UserError>([&] { itself.parse(); }, {"'the_Add'", "cycle"});
}

TEST(OnnxStructure, EveryValueHasOneSource) {
  ModelUnderTest none;
  none.node("Conv", {"x", "w"}, "y");
  expect_error<UserError>([&] { none.parse(); }, {"net.onnx", "Conv 'the_Conv'", "'w'", "initialiser"});

  ModelUnderTest two;
  two.node("Relu", {"x"}, "y");
  two.node("Identity", {"x"}, "y");
  expect_error<UserError>([&] { two.parse(); }, {"'the_Identity'", "'y'", "another source"});

  ModelUnderTest overwritten;
  overwritten.node("Relu", {"x"}, "x");
  expect_error<UserError>([&] { overwritten.parse(); }, {"'the_Relu'", "'x'"});

  ModelUnderTest twice({2});
  twice.counting("w", {2, 2});
  twice.counting("w", {2, 2});
  twice.node("MatMul", {"x", "w"}, "y");
  expect_error<UserError>([&] { twice.parse(); }, {"two initialisers 'w'"});

  ModelUnderTest no_output;
  no_output.node("Relu", {"x"}, "z");
  expect_error<UserError>([&] { no_output.parse(); }, {"output 'y'", "no node"});

  ModelUnderTest constant_output;
  constant_output.counting("y", {2});
  expect_error<UserError>([&] { constant_output.parse(); }, {"output 'y' is a constant"});

  ModelUnderTest nameless_output;
  nameless_output.node("Relu", {"x"}, "");
  nameless_output.graph().mutable_output(0)->set_name("");
  expect_error<UserError>([&] { nameless_output.parse(); }, {"net.onnx"});
}

TEST(OnnxStructure, OneInputAndOneOutput) {
  ModelUnderTest inputs;
  inputs.node("Relu", {"x"}, "y");
  *inputs.graph().add_input() = inputs.graph().input(0);
  inputs.graph().mutable_input(1)->set_name("hidden");
  expect_error<UserError>([&] { inputs.parse(); }, {"'x' and 'hidden'", "one input"});

  ModelUnderTest listed({2});  // initialisers are listed among the inputs up to IR version 3
  listed.counting("w", {2, 2});
  listed.graph().add_input()->set_name("w");
  listed.node("MatMul", {"x", "w"}, "y");
  EXPECT_EQ(operators(listed.parse()), (Names{"Input", "Linear", "Output"}));

  ModelUnderTest outputs;
  outputs.node("Relu", {"x"}, "y");
  outputs.graph().add_output()->set_name("x");
  expect_error<UserError>([&] { outputs.parse(); }, {"2 outputs"});

  ModelUnderTest no_input;
  no_input.node("Relu", {"x"}, "y");
  no_input.graph().clear_input();
  expect_error<UserError>([&] { no_input.parse(); }, {"'x'"});
}

TEST(OnnxStructure, InputShapes) {
  for (const Shape& shape : {Shape{}, Shape{3, 0, 4}, Shape{3, -1, 4}, Shape{1, 2, 3, 4}, Shape{3, 0}}) {
    ModelUnderTest model(shape);
    model.node("Relu", {"x"}, "y");
    expect_error<UserError>([&] { model.parse(); }, {"input 'x'", "(N, C, H, W)"});
  }
  ModelUnderTest open;
  open.node("Relu", {"x"}, "y");
  auto& type = *open.graph().mutable_input(0)->mutable_type()->mutable_tensor_type();
  type.mutable_shape()->mutable_dim(2)->set_dim_param("height");
  expect_error<UserError>([&] { open.parse(); }, {"input 'x'", "(N, 2, height, 4)"});
  type.set_elem_type(testing::proto::TensorProto::INT32);
  expect_error<UserError>([&] { open.parse(); }, {"input 'x'", "float32"});

  ModelUnderTest huge({INT64_MAX, INT64_MAX, 2});
  huge.node("Relu", {"x"}, "y");
  expect_error<UserError>([&] { huge.parse(); }, {"net.onnx", "too many elements"});
}

TEST(OnnxStructure, Opsets) {
  ModelUnderTest model;
  model.node("Relu", {"x"}, "y");
  model.model.mutable_opset_import(0)->set_version(6);
  expect_error<UserError>([&] { model.parse(); }, {"opset 6", "13"});
  model.model.mutable_opset_import(0)->set_version(21);
  EXPECT_EQ(model.parse().size(), 3);
  model.model.clear_opset_import();
  expect_error<UserError>([&] { model.parse(); }, {"which opset"});
}

}  // namespace
}  // namespace neurocuda
