#include <gtest/gtest.h>

#include "graphs.hpp"
#include "neurocuda/compiler/compiler.hpp"
#include "neurocuda/program/biases.hpp"

namespace neurocuda::compiler {
namespace {

/// One unit of a weight is 1/127 in the first layer (its largest weight is 1, the input scale 1) and 1/127 in the last.
ir::Graph with_tables(Tensor<float> first, Tensor<float> last) {
  ir::IF neurons = graphs::neurons({1.0F, 1.0F});
  neurons.bias_by_timestep = std::move(first);
  ir::Graph graph =
      graphs::two_layers(graphs::linear(2, {1, 0, 0, 1}, {0.5F, 0}), neurons, graphs::linear(1, {1, -1}, {0.25F}));
  std::get<ir::Output>(graph.op(graph.output())).bias_by_timestep = std::move(last);
  return graph;
}

LowerOptions with_unit_input() {
  LowerOptions options;
  options.timesteps = 3;
  options.input_absmax = {127, 127};
  return options;
}

TEST(LowerBiases, RowsHoldTheBiasOfTheBranchesToo) {
  const float unit = 1.0F / 127;
  const auto program = lower(with_tables(Tensor<float>({2, 2}, {10 * unit, 0, -20 * unit, 3 * unit}),
                                         Tensor<float>({3, 1}, {unit, 2 * unit, 4 * unit})),
                             with_unit_input())
                           .program;
  const auto& layer = *program.nodes[1].as<program::IfLayer>();
  const double scale = layer.scale[0];
  EXPECT_EQ(layer.bias_by_timestep.shape(), (Shape{2, 2}));
  EXPECT_EQ(layer.bias_by_timestep[0], std::lround((0.5 + 10 * unit) / scale));
  EXPECT_EQ(layer.bias_by_timestep[2], std::lround((0.5 - 20 * unit) / scale));
  EXPECT_EQ(layer.bias_by_timestep[3], std::lround(3 * unit / layer.scale[1]));
  EXPECT_EQ(layer.bias, program::mean_biases(layer.bias_by_timestep));
  const auto& output = program.output();
  EXPECT_EQ(output.bias_by_timestep.shape(), (Shape{3, 1}));
  EXPECT_EQ(output.bias_by_timestep[2], std::lround((0.25 + 4 * unit) / output.scale));
}

TEST(LowerBiases, OneRowIsOneBias) {
  const auto program =
      lower(with_tables(Tensor<float>({1, 2}, {0.25F, -0.5F}), Tensor<float>({1, 1}, {1.0F})), with_unit_input())
          .program;
  const auto& layer = *program.nodes[1].as<program::IfLayer>();
  EXPECT_TRUE(layer.bias_by_timestep.empty());
  EXPECT_EQ(layer.bias[0], std::lround(0.75 / layer.scale[0]));
  EXPECT_EQ(layer.bias[1], std::lround(-0.5 / layer.scale[1]));
  EXPECT_TRUE(program.output().bias_by_timestep.empty());
  EXPECT_EQ(program.output().bias[0], std::lround(1.25 / program.output().scale));
}

TEST(LowerBiases, ATableOfAnotherSizeIsRefused) {
  EXPECT_THROW(lower(with_tables(Tensor<float>({2, 3}), {}), with_unit_input()), UserError);
}

}  // namespace
}  // namespace neurocuda::compiler
