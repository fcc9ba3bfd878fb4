// One neuron at a time, worked out with a pencil: v += a + bias; fire at v >= theta; v -= theta.
#include "conformance/targets.hpp"
#include "conformance/tiny_program.hpp"

namespace neurocuda {
namespace {

using program::InputEncoding;
using program::Linear;
using program::Mode;
using testing::TinyProgram;
using Spikes = std::vector<int>;
using Membranes = std::vector<std::int32_t>;

class NeuronsByHand : public testing::OnEveryTarget {
 protected:
  /// One neuron behind one input value.
  runtime::LayerRecord neuron(std::int8_t input, std::int8_t weight, std::int32_t theta, std::int32_t bias,
                              std::int32_t v0, int timesteps, Mode mode = Mode::synchronous) {
    const Linear linear{Tensor<std::int8_t>({1, 1}, weight)};
    const auto program = TinyProgram({1}, InputEncoding::constant_current, timesteps)
                             .layer({1}, {TinyProgram::group(0, linear, 1)}, theta, bias, v0)
                             .count();
    const auto result = testing::run_recorded(program, GetParam(), {{1, 1}, std::vector<std::int8_t>{input}}, mode);
    EXPECT_EQ(result.activity().spikes[timesteps], result.record().layers[0].spike(0, 0, 0));
    return result.record().layers[0];
  }
};

TEST_P(NeuronsByHand, IntegrateAndFire) {
  const auto layer = neuron(3, 2, 10, 1, 0, 5);
  EXPECT_EQ(testing::spikes_of(layer, 0), (Spikes{0, 1, 1, 0, 1}));
  EXPECT_EQ(testing::membranes_of(layer, 0), (Membranes{7, 4, 1, 8, 5}));
}

TEST_P(NeuronsByHand, EachTimestepHasItsBiasAndTheirMeanComesAfterwards) {
  const Linear linear{Tensor<std::int8_t>({1, 1}, 2)};
  auto program = TinyProgram({1}, InputEncoding::constant_current, 6)
                     .layer({1}, {TinyProgram::group(0, linear, 1)}, 10, 0, 0)
                     .count();
  auto& layer = *program.nodes[1].as<program::IfLayer>();
  layer.bias_by_timestep = Tensor<std::int32_t>({3, 1}, {4, -6, 5});
  layer.bias = {1};
  auto& output = *program.nodes[2].as<program::Accumulator>();
  output.bias_by_timestep = Tensor<std::int32_t>({2, 1}, {100, 200});
  output.bias = {150};
  const auto result = testing::run_recorded(program, GetParam(), {{1, 1}, std::vector<std::int8_t>{3}});
  EXPECT_EQ(testing::spikes_of(result.record().layers[0], 0), (Spikes{1, 0, 1, 0, 1, 1}));
  EXPECT_EQ(testing::membranes_of(result.record().layers[0], 0), (Membranes{0, 0, 1, 8, 5, 2}));
  EXPECT_EQ(result.accumulators()[0], 101 + 200 + 151 + 150 + 151 + 151);
  // A run of two timesteps is their prefix.
  program.timesteps = 2;
  EXPECT_EQ(
      testing::spikes_of(
          testing::run_recorded(program, GetParam(), {{1, 1}, std::vector<std::int8_t>{3}}).record().layers[0], 0),
      (Spikes{1, 0}));
}

TEST_P(NeuronsByHand, AResetTakesOneThresholdOnly) {
  const auto layer = neuron(5, 5, 10, 0, 0, 3);
  EXPECT_EQ(testing::spikes_of(layer, 0), (Spikes{1, 1, 1}));
  EXPECT_EQ(testing::membranes_of(layer, 0), (Membranes{15, 30, 45}));
}

TEST_P(NeuronsByHand, StartAtV0AndFireAtEquality) {
  const auto layer = neuron(5, 1, 10, 0, 5, 4);
  EXPECT_EQ(testing::spikes_of(layer, 0), (Spikes{1, 0, 1, 0}));
  EXPECT_EQ(testing::membranes_of(layer, 0), (Membranes{0, 5, 0, 5}));
}

TEST_P(NeuronsByHand, OneBelowTheThresholdIsSilent) {
  EXPECT_EQ(testing::spikes_of(neuron(3, 3, 10, 0, 0, 2), 0), (Spikes{0, 1}));
}

TEST_P(NeuronsByHand, MembranesGoNegative) {
  const auto layer = neuron(-5, 2, 10, 3, 0, 3);
  EXPECT_EQ(testing::spikes_of(layer, 0), (Spikes{0, 0, 0}));
  EXPECT_EQ(testing::membranes_of(layer, 0), (Membranes{-7, -14, -21}));
}

TEST_P(NeuronsByHand, ExactModeAccumulatesThenFires) {
  // 5 + 5 x (6 + 1) = 40 after the silent phase: floor(40 / 12) = 3 spikes, from the first step on.
  const auto layer = neuron(3, 2, 12, 1, 5, 5, Mode::exact);
  EXPECT_EQ(testing::spikes_of(layer, 0), (Spikes{1, 1, 1, 0, 0}));
  EXPECT_EQ(testing::membranes_of(layer, 0), (Membranes{28, 16, 4, 4, 4}));
}

TEST_P(NeuronsByHand, SpikesReachTheNextLayerAtTheSameTimestep) {
  const Linear one{Tensor<std::int8_t>({1, 1}, 1)}, four{Tensor<std::int8_t>({1, 1}, 4)};
  const auto program = TinyProgram({1}, InputEncoding::spike_train, 4)
                           .layer({1}, {TinyProgram::group(0, four, 1)}, 4)
                           .layer({1}, {TinyProgram::group(1, one, 1)}, 2)
                           .count();
  const auto result = testing::run_recorded(program, GetParam(), {{1, 4, 1}, {0, 1, 1, 1}});
  EXPECT_EQ(testing::spikes_of(result.record().layers[0], 0), (Spikes{0, 1, 1, 1}));
  EXPECT_EQ(testing::spikes_of(result.record().layers[1], 0), (Spikes{0, 0, 1, 0}));
  EXPECT_EQ(result.accumulators_by_timestep(), (Tensor<std::int32_t>({1, 4, 1}, {0, 0, 1, 1})));
}

INSTANTIATE_TEST_SUITE_P(Conformance, NeuronsByHand, ::testing::ValuesIn(testing::targets()), testing::parameter_name);

}  // namespace
}  // namespace neurocuda
