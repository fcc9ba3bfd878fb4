// The generator that the conformance suite relies on must reach every part of the arithmetic.
#include <gtest/gtest.h>

#include <map>

#include "neurocuda/program/node_traits.hpp"
#include "neurocuda/runtime/backends.hpp"
#include "support/random_program.hpp"

namespace neurocuda {
namespace {

using namespace program;

TEST(RandomProgram, IsTheSameForTheSameSeed) {
  EXPECT_EQ(testing::random_program(7), testing::random_program(7));
  EXPECT_NE(testing::random_program(7), testing::random_program(8));
}

void count_groups(const Program& program, const Node& node, std::map<std::string, int>& seen) {
  seen["several groups"] += groups_of(node).size() > 1;
  for (const SynapseGroup& group : groups_of(node)) {
    seen["diagonal"] += std::holds_alternative<Diagonal>(group.connection);
    seen["shift"] += std::any_of(group.shift.begin(), group.shift.end(), [](auto e) { return e > 0; });
    seen["reads a sum pool"] += program.nodes[static_cast<std::size_t>(group.source)].as<SumPool>() != nullptr;
    if (const auto* conv = std::get_if<Conv>(&group.connection)) {
      seen["dilation"] += conv->window.dilation != Size2{1, 1};
      seen["stride"] += conv->window.stride != Size2{1, 1};
      seen["groups"] += conv->groups > 1;
      seen["convolution"] += 1;
    }
  }
}

TEST(RandomProgram, ReachesEveryKind) {
  std::map<std::string, int> seen;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    const Program program = testing::random_program(seed);
    seen["constant"] += program.input().encoding == InputEncoding::constant_current;
    seen["spike train"] += program.input().encoding == InputEncoding::spike_train;
    for (const Node& node : program.nodes) {
      ++seen[std::string(kind_name(node.kind))];
      if (const auto* pool = node.as<OrPool>()) {
        seen["pool of counts"] += pool->rule == MaxPoolRule::maximum_of_counts;
        seen["pool of the fewest"] += !pool->takes_minimum.empty();
      }
      count_groups(program, node, seen);
    }
  }
  for_each_kind([&](const auto& kind) { EXPECT_GE(seen[std::string(kind_name(kind))], 20) << kind_name(kind); });
  EXPECT_GT(seen["pool of the fewest"], 0);
  for (const char* what : {"constant", "spike train", "several groups", "diagonal", "shift", "dilation",
                           "reads a sum pool", "pool of counts", "stride", "groups", "convolution"}) {
    EXPECT_GE(seen[what], 20) << what;
  }
}

TEST(RandomProgram, NeitherSilentNorSaturated) {
  double spikes = 0, possible = 0;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    const Program program = testing::random_program(seed);
    const auto input = testing::random_input(program, 1, program.timesteps, seed);
    const auto result = runtime::compile(program, "reference")->run(input, {.wanted = {.counts = true}});
    for (const std::int64_t count : result.activity().spikes.values()) spikes += static_cast<double>(count);
    possible += static_cast<double>(neuron_count(program)) * program.timesteps;
  }
  EXPECT_GT(spikes / possible, 0.08);
  EXPECT_LT(spikes / possible, 0.6);
}

}  // namespace
}  // namespace neurocuda
