#include <gtest/gtest.h>

#include "neurocuda/base/error.hpp"
#include "neurocuda/correction/bias_correction.hpp"

namespace neurocuda::correction {
namespace {

using namespace program;

SynapseGroup pointwise(std::string name, NodeIndex source, Shape shape, std::initializer_list<std::int8_t> weights) {
  Tensor<std::int8_t> weight(std::move(shape));
  std::copy(weights.begin(), weights.end(), weight.values().begin());
  const auto outputs = static_cast<std::size_t>(weight.shape()[0]);
  return {std::move(name), source, Conv{weight, Window{{1, 1}, {1, 1}, {0, 0}, {1, 1}}, 1},
          std::vector<std::uint8_t>(outputs, 0)};
}

/// Two neurons fire at the same rate, the first a step before the second; what they bring to the third is +10 and -10.
/// Its inputs call for no spike, but the first of them makes it fire, and class 1 win.
Program early_spike() {
  Program program;
  program.timesteps = 8;
  program.nodes.push_back({"input", {1, 1, 1}, InputNode{{}, 8, {0.01}, {}, {}}});
  program.nodes.push_back(
      {"pair", {2, 1, 1}, IfLayer{{pointwise("both", 0, {2, 1, 1, 1}, {1, 1})}, {0, 0}, {100, 100}, {50, 0}, {1, 1}}});
  program.nodes.push_back(
      {"third", {1, 1, 1}, IfLayer{{pointwise("sum", 1, {1, 2, 1, 1}, {10, -10})}, {0}, {10}, {0}, {1}}});
  Tensor<std::int8_t> head({2, 1});
  head.values()[1] = 5;
  program.nodes.push_back({"logits", {2}, Accumulator{{{"fc", 2, Linear{head}, {0, 0}}}, {0, 0}, 1.0}});
  validate(program);
  return program;
}

/// Every pixel 0.5 (50 on the grid), every label 0.
data::Dataset images(std::int64_t count) {
  return data::from_values("grey", Tensor<float>({count, 1, 1, 1}, 0.5F),
                           std::vector<data::Label>(static_cast<std::size_t>(count), 0), 2);
}

TEST(BiasCorrection, TakesBackASpikeThatCameTooEarly) {
  const Program given = early_spike();
  Settings options;
  options.threads = 1;
  options.rounds = 2;
  const BiasCorrection result = correct_biases(given, images(3), images(5), options);
  EXPECT_EQ(result.held_out_accuracy, (std::vector<double>{0, 1, 1}));
  EXPECT_EQ(result.chosen_round, 1);
  EXPECT_NEAR(result.rate_error[0], (1.0 / 8) / std::sqrt(3.0),
              1e-12);  // one of three channels, one spike in eight steps
  EXPECT_EQ(result.rate_error[1], 0);
  Program expected = given;
  expected.nodes[2].as<IfLayer>()->bias[0] = -1;  // 0.8 x 1/8 x 10
  EXPECT_EQ(result.program, expected);
}

TEST(BiasCorrection, KeepsTheNetworkThatNeedsNone) {
  Settings options;
  options.timesteps = 1;  // the second neuron is silent, the third must fire
  const BiasCorrection result = correct_biases(early_spike(), images(1), images(1), options);
  EXPECT_EQ(result.chosen_round, 0);
  EXPECT_EQ(result.rate_error, std::vector<double>(5, 0.0));
  EXPECT_EQ(result.program.timesteps, 1);
  EXPECT_EQ(result.program.nodes, early_spike().nodes);
}

TEST(BiasCorrection, ChoosesByTheRatesWithoutHeldOutImages) {
  const BiasCorrection result = correct_biases(early_spike(), images(2), images(0));
  EXPECT_TRUE(result.held_out_accuracy.empty());
  EXPECT_EQ(result.chosen_round, 1);
}

TEST(BiasCorrection, HoldsOutAPartOfOneDataSet) {
  Settings options;
  options.rounds = 1;
  const BiasCorrection result = correct_biases(early_spike(), images(20), options);
  EXPECT_EQ(result.held_out_accuracy, (std::vector<double>{0, 1}));
  EXPECT_EQ(result.chosen_round, 1);
  options.held_out = 1;
  EXPECT_THROW(correct_biases(early_spike(), images(20), options), UserError);
}

TEST(BiasCorrection, LeavesLayersOfIdentitySkipsAlone) {
  Program program = early_spike();
  auto* third = program.nodes[2].as<IfLayer>();
  program.nodes[2].shape = {2, 1, 1};
  *third = IfLayer{{{"skip", 1, Diagonal{Tensor<std::int8_t>({2}, 10)}, {0, 0}}}, {0, 0}, {10, 10}, {9, 9}, {1, 1}};
  program.nodes[3].kind = Accumulator{{{"fc", 2, Linear{Tensor<std::int8_t>({2, 2}, 1)}, {0, 0}}}, {0, 0}, 1.0};
  const BiasCorrection result = correct_biases(program, images(1), images(0));
  EXPECT_EQ(result.program.nodes, program.nodes);
}

TEST(BiasCorrection, RefusesWhatItCannotMeasure) {
  EXPECT_THROW(correct_biases(early_spike(), images(0), images(1)), UserError);
  Program trains = early_spike();
  trains.nodes[0].as<InputNode>()->encoding = InputEncoding::spike_train;
  EXPECT_THROW(correct_biases(trains, images(1), images(1)), UserError);
  Settings options;
  options.rounds = -1;
  EXPECT_THROW(correct_biases(early_spike(), images(1), images(1), options), UserError);
}

}  // namespace
}  // namespace neurocuda::correction
