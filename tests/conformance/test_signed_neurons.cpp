// Signed neurons: by hand, and random Programs against plain loops (tests/support/simulate_program.hpp). What every
// target makes of them is also in the random Programs of the other suites.
#include "conformance/compare.hpp"
#include "conformance/targets.hpp"
#include "conformance/tiny_program.hpp"
#include "neurocuda/program/biases.hpp"
#include "support/random_program.hpp"
#include "support/simulate_program.hpp"

namespace neurocuda {
namespace {

using namespace program;
using testing::TinyProgram;
using Spikes = std::vector<int>;
using Membranes = std::vector<std::int32_t>;

class SignedNeurons : public testing::OnEveryTarget {};

/// One neuron behind one input of 0/1 spikes, its current weight x spike + bias[t].
Program one_neuron(std::vector<std::int32_t> biases, std::int32_t v0) {
  Program program = TinyProgram({1}, InputEncoding::constant_current, static_cast<int>(biases.size()))
                        .layer({1}, {TinyProgram::group(0, Linear{Tensor<std::int8_t>({1, 1}, 1)}, 1)}, 10, 0, v0)
                        .count();
  auto& layer = *program.nodes[1].as<IfLayer>();
  layer.neuron = NeuronKind::signed_;
  layer.bias_by_timestep = Tensor<std::int32_t>({static_cast<std::int64_t>(biases.size()), 1}, biases);
  layer.bias = mean_biases(layer.bias_by_timestep);
  return program;
}

TEST_P(SignedNeurons, TakeBackWhatCameTooEarlyAndNoMore) {
  const Program program = one_neuron({12, 8, -21, -12, -5, 30, -3}, 0);
  const auto result = testing::run_recorded(program, GetParam(), {{1, 1}, std::vector<std::int8_t>{0}});
  const runtime::LayerRecord& layer = result.record().layers[0];
  // v: 12 -> 2, 10 -> 0, -21 -> -11, -23 -> -13 (sum 0 now), -18 silent, 12 -> 2, -1 -> 9 (sum was 1).
  EXPECT_EQ(testing::spikes_of(layer, 0), (Spikes{1, 1, -1, -1, 0, 1, -1}));
  EXPECT_EQ(testing::membranes_of(layer, 0), (Membranes{2, 0, -11, -13, -18, 2, 9}));
  EXPECT_EQ(layer.count(), 6);
  EXPECT_EQ(result.accumulators()[0], 0);
  for (std::int64_t t = 0; t < 7; ++t) {
    const int spike = layer.spike(0, t, 0);
    EXPECT_EQ(result.activity().spikes[7 + t], std::abs(spike));
    EXPECT_EQ(result.activity().synaptic_operations[14 + t], std::abs(spike));
  }
}

TEST_P(SignedNeurons, AMembraneOfZeroTakesNothingBack) {
  const auto result =
      testing::run_recorded(one_neuron({10, 0, -1}, 0), GetParam(), {{1, 1}, std::vector<std::int8_t>{0}});
  EXPECT_EQ(testing::spikes_of(result.record().layers[0], 0), (Spikes{1, 0, -1}));
}

/// In exact mode they are plain.
TEST_P(SignedNeurons, NeverTakeBackInExactMode) {
  Program program = one_neuron({30, -4, -40, 60}, 5);
  const EncodedInput input({1, 1}, std::vector<std::int8_t>{0});
  const auto as_signed = testing::run_recorded(program, GetParam(), input, Mode::exact);
  program.nodes[1].as<IfLayer>()->neuron = NeuronKind::plain;
  const auto as_plain = testing::run_recorded(program, GetParam(), input, Mode::exact);
  EXPECT_EQ(testing::spikes_of(as_signed.record().layers[0], 0), (Spikes{1, 1, 1, 1}));
  EXPECT_EQ(testing::spikes_of(as_plain.record().layers[0], 0), (Spikes{1, 1, 1, 1}));
  EXPECT_EQ(as_signed.accumulators(), as_plain.accumulators());
}

/// All layers signed, pools of counts among them.
Program all_signed(std::uint64_t seed) {
  for (std::uint64_t attempt = 0;; ++attempt) {
    Program program = testing::random_program(seed + 1000003 * attempt);
    if (program.input().encoding == InputEncoding::spike_train) continue;  // the simulation takes constant currents
    for (Node& node : program.nodes) {
      if (auto* layer = node.as<IfLayer>()) layer->neuron = NeuronKind::signed_;
      if (auto* pool = node.as<OrPool>()) pool->rule = MaxPoolRule::maximum_of_counts;
    }
    return program;
  }
}

TEST_P(SignedNeurons, AreWhatPlainLoopsMakeOfThem) {
  std::int64_t negative = 0;
  for (std::uint64_t seed = 70000; seed < 70040 && !HasFatalFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    const Program program = all_signed(seed);
    const int timesteps = 9;
    const EncodedInput input = testing::random_input(program, 1, timesteps, seed);
    const auto expected = testing::simulate(program, {input.values().begin(), input.values().end()}, timesteps);
    const auto result =
        runtime::compile(program, GetParam())->run(input, {timesteps, 1, Mode::synchronous, runtime::kEverything});
    for (const runtime::LayerRecord& layer : result.record().layers) {
      for (std::int64_t t = 0; t < timesteps; ++t) {
        const auto& spikes = expected.values[static_cast<std::size_t>(t)][static_cast<std::size_t>(layer.node)];
        std::int64_t sent = 0;
        for (std::int64_t n = 0; n < layer.neurons; ++n) {
          const std::int64_t spike = spikes[static_cast<std::size_t>(n)];
          ASSERT_EQ(layer.spike(0, t, n), spike) << "node " << layer.node << ", neuron " << n << ", t " << t;
          sent += std::abs(spike);
          negative += spike < 0 ? 1 : 0;
        }
        ASSERT_EQ(result.activity().spikes[layer.node * timesteps + t], sent);
      }
    }
  }
  EXPECT_GT(negative, 1000);
}

TEST_P(SignedNeurons, EqualTheReferenceWhateverIsAskedFor) {
  for (std::uint64_t seed = 71000; seed < 71012 && !HasFatalFailure(); ++seed) {
    const Program program = all_signed(seed);
    const EncodedInput input = testing::random_input(program, 3, 7, seed);
    const auto executable = runtime::compile(program, GetParam());
    for (const Mode mode : {Mode::synchronous, Mode::exact}) {
      SCOPED_TRACE("seed " + std::to_string(seed));
      const runtime::RunOptions options{7, 2, mode, runtime::kEverything};
      testing::expect_equal(runtime::compile(program, "reference")->run(input, options),
                            executable->run(input, options));
      testing::expect_every_wish(*executable, input, options);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Conformance, SignedNeurons, ::testing::ValuesIn(testing::targets()), testing::parameter_name);

}  // namespace
}  // namespace neurocuda
