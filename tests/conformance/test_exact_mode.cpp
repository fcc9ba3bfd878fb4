// Accumulate, then fire: spike counts must equal QCFS with L = T on the integer grid, layer by layer, without
// exception.
#include "conformance/count_network.hpp"
#include "conformance/targets.hpp"
#include "neurocuda/runtime/backends.hpp"
#include "support/random_program.hpp"

namespace neurocuda {
namespace {

using runtime::LayerRecord;

class ExactMode : public testing::OnEveryTarget {};

/// Fires at its first steps, as often as `count` says.
void expect_first(const LayerRecord& layer, std::int64_t neuron, std::int64_t count) {
  for (std::int64_t t = 0; t < layer.timesteps; ++t) {
    ASSERT_EQ(layer.spike(0, t, neuron), t < count) << "node " << layer.node << ", neuron " << neuron << ", t " << t;
  }
}

TEST_P(ExactMode, CountsEqualQcfs) {
  for (std::uint64_t seed = 9000; seed < 9120 && !HasFatalFailure(); ++seed) {
    SCOPED_TRACE("program seed " + std::to_string(seed));
    const program::Program program = testing::random_program(seed);
    for (const int timesteps : {1, program.timesteps, 23}) {
      const auto input = testing::random_input(program, 1, timesteps, seed);
      const auto expected = testing::qcfs_counts(program, input, timesteps);
      const auto result =
          runtime::compile(program, GetParam())
              ->run(input, {timesteps, 1, program::Mode::exact, {.recording = runtime::Recording::spikes}});
      for (const LayerRecord& layer : result.record().layers) {
        const auto& counts = expected[static_cast<std::size_t>(layer.node)];
        for (std::int64_t n = 0; n < layer.neurons; ++n) expect_first(layer, n, counts[static_cast<std::size_t>(n)]);
      }
      for (std::int64_t c = 0; c < result.classes(); ++c) {
        EXPECT_EQ(result.accumulators()[c], expected.back()[static_cast<std::size_t>(c)]);
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Conformance, ExactMode, ::testing::ValuesIn(testing::targets()), testing::parameter_name);

}  // namespace
}  // namespace neurocuda
