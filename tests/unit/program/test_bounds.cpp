#include <gmock/gmock.h>

#include "neurocuda/program/bounds.hpp"
#include "support/format_fields.hpp"
#include "support/simulate_program.hpp"
#include "unit/program/tiny_programs.hpp"

namespace neurocuda::program {
namespace {

using neurocuda::testing::Integers;
using neurocuda::testing::simulate;
using neurocuda::testing::simulate_with;
using ::testing::HasSubstr;

const NodeBounds& neuron(const Bounds& bounds) { return bounds.nodes.at(0); }

TEST(ValueRanges, FollowKindsAndPoolAreas) {
  EXPECT_EQ(value_ranges(tiny::every_kind()),
            (std::vector<ValueRange>{{-127, 127}, {0, 1}, {0, 1}, {0, 1}, {0, 4}, {0, 0}}));
  Program narrow = tiny::every_kind();
  narrow.nodes[0].as<InputNode>()->bits = 3;
  EXPECT_EQ(value_ranges(narrow)[0], (ValueRange{-3, 3}));
  EXPECT_EQ(value_ranges(tiny::one_neuron({1}, 0, 2, 1))[0], (ValueRange{0, 1}));
}

TEST(ValueRanges, NestedPoolsMultiplyAndWindowsEndAtThePlane) {
  Program program = tiny::every_kind();
  program.nodes[3] = {"first", {4, 3, 3}, SumPool{2, {{2, 2}, {2, 2}, {0, 0}, {1, 1}}}};
  program.nodes[4] = {"second", {4, 2, 2}, SumPool{3, {{6, 6}, {1, 1}, {2, 2}, {1, 1}}}};
  ASSERT_NO_THROW(validate(program));
  const std::vector<ValueRange> ranges = value_ranges(program);
  EXPECT_EQ(ranges[3], (ValueRange{0, 4}));
  EXPECT_EQ(ranges[4], (ValueRange{0, 4 * 9}));  // the plane is 3x3
}

TEST(ValueRanges, SignedSpikesPassThroughMaximaOfCounts) {
  Program program = tiny::every_kind();
  program.nodes[2].as<IfLayer>()->neuron = NeuronKind::signed_;
  program.nodes[3].as<OrPool>()->rule = MaxPoolRule::maximum_of_counts;
  ASSERT_NO_THROW(validate(program));
  EXPECT_EQ(value_ranges(program), (std::vector<ValueRange>{{-127, 127}, {0, 1}, {-1, 1}, {-1, 1}, {-4, 4}, {0, 0}}));
  program.nodes[2].as<IfLayer>()->neuron = NeuronKind::plain;
  EXPECT_EQ(value_ranges(program)[3], (ValueRange{0, 1}));
}

TEST(Bounds, TightWithoutResetAndWhereEveryInputIsNegative) {
  // Never fires: +10 per step at most, theta far away. v0 + T P = 7 + 8 x 10.
  EXPECT_EQ(neuron(prove_bounds(tiny::one_neuron({4, 6, -9}, 0, 1000, 7), 8)).max_membrane, 87);
  // Always driven down: v0 - T N = 7 - 8 x 19.
  EXPECT_EQ(neuron(prove_bounds(tiny::one_neuron({-10, -9}, 0, 1000, 7), 8)).max_membrane, 8 * 19 - 7);
  // A spike at the first step costs one step of the way down: -(T - 1) N - 0 is lower than v0 - T N when v0 > N.
  EXPECT_EQ(neuron(prove_bounds(tiny::one_neuron({-10}, 0, 50, 50), 8)).max_membrane, 70);
}

TEST(Bounds, SoftResetHoldsTheUpperSideWhileDriveStaysBelowTheta) {
  // Theta - 1 + P = 99 + 60, for any T.
  const Program program = tiny::one_neuron({60}, 0, 100, 50);
  EXPECT_EQ(neuron(prove_bounds(program, 4)).max_membrane, 159);
  EXPECT_EQ(neuron(prove_bounds(program, 4096)).max_membrane, 159);
  // max_integral is for Mode::exact, where nothing resets before the last input.
  EXPECT_EQ(neuron(prove_bounds(program, 4096)).max_integral, 50 + 4096 * 60);
}

TEST(Bounds, DriveBeyondThetaGrowsByTheExcess) {
  // v0 = Theta - 1 = 9, P = 35: v grows by 25 per step: 9 + 3 x 25 + 35 before the fourth reset.
  const Program program = tiny::one_neuron({35}, 0, 10, 9);
  EXPECT_EQ(neuron(prove_bounds(program, 4)).max_membrane, 9 + 3 * 25 + 35);
  const auto run = simulate(program, {1}, 4);
  EXPECT_EQ(run.extreme_membrane[1], 9 + 3 * 25 + 35);
}

TEST(Bounds, AdversarialInputReachesTheUpperBound) {
  // Weights 1 and 60: five small steps bring v from 94 to Theta - 1 = 99, then both inputs arrive at once.
  const Program program = tiny::one_neuron({1, 60}, 0, 100, 94);
  const auto run = simulate_with(program, 6, [](int t) { return t < 5 ? Integers{1, 0} : Integers{1, 1}; });
  EXPECT_EQ(run.extreme_membrane[1], 99 + 61);
  EXPECT_EQ(neuron(prove_bounds(program, 6)).max_membrane, 99 + 61);
}

TEST(Bounds, AdversarialInputReachesTheLowerBound) {
  const Program program = tiny::one_neuron({20, -30, -40}, -5, 100, 10);
  const auto run = simulate(program, {0, 1, 1}, 9);
  EXPECT_EQ(run.extreme_membrane[1], 9 * 75 - 10);
  EXPECT_EQ(neuron(prove_bounds(program, 9)).max_membrane, 9 * 75 - 10);
  EXPECT_EQ(neuron(prove_bounds(program, 9)).max_current, 75);
}

TEST(Bounds, ShiftsAndSignedInputsEnterTheCurrent) {
  Program program = tiny::one_neuron({3, -2}, 4, 1000000, 0, InputEncoding::constant_current);
  program.nodes[1].as<IfLayer>()->groups[0].shift = {5};
  const std::int64_t current = (5 * 127) << 5;
  EXPECT_EQ(neuron(prove_bounds(program, 1)).max_current, current + 4);
  EXPECT_EQ(simulate(program, {127, -127}, 1).extreme_membrane[1], current + 4);
}

TEST(Bounds, AccumulatorGrowsWithT) {
  const Program program = tiny::one_neuron({1}, 0, 2, 1);
  const Bounds bounds = prove_bounds(program, 100);
  ASSERT_EQ(bounds.nodes.size(), 2U);
  EXPECT_EQ(bounds.nodes[1].node, 2);
  EXPECT_EQ(bounds.nodes[1].max_membrane, 100);
}

TEST(Bounds, BiasesOfTheTimestepsThatRunEnter) {
  Program program = tiny::one_neuron({1}, 18, 1 << 20, 0);
  program.nodes[1].as<IfLayer>()->bias_by_timestep = Tensor<std::int32_t>({3, 1}, {3, -50, 100});
  ASSERT_NO_THROW(validate(program));
  EXPECT_EQ(neuron(prove_bounds(program, 1)).max_current, 1 + 3);
  EXPECT_EQ(neuron(prove_bounds(program, 2)).max_current, 50);
  EXPECT_EQ(neuron(prove_bounds(program, 3)).max_current, 1 + 100);
  EXPECT_EQ(neuron(prove_bounds(program, 1000)).max_current, 1 + 100) << "the mean of the others lies in between";
  EXPECT_EQ(neuron(prove_bounds(program, 1)).max_membrane, 4);
  EXPECT_EQ(neuron(prove_bounds(program, 2)).max_membrane, 2 * 50);
  EXPECT_EQ(neuron(prove_bounds(program, 3)).max_membrane, 3 * 101);

  Accumulator& output = *program.nodes[2].as<Accumulator>();
  output.bias = {-3};
  output.bias_by_timestep = Tensor<std::int32_t>({2, 1}, {1, -7});
  ASSERT_NO_THROW(validate(program));
  EXPECT_EQ(prove_bounds(program, 1).nodes[1].max_membrane, 2);
  EXPECT_EQ(prove_bounds(program, 4).nodes[1].max_membrane, 4 * 7);
}

TEST(Bounds, ABiasOfOneTimestepCanMakeARunImpossible) {
  Program program = tiny::one_neuron({1}, 1 << 29, 2, 0);
  program.nodes[1].as<IfLayer>()->bias_by_timestep = Tensor<std::int32_t>({4, 1}, {0, 0, 0, INT32_MAX});
  EXPECT_TRUE(prove_bounds(program, 3).fits_int32);
  EXPECT_EQ(prove_bounds(program, 4).first_beyond_int32, "neuron");
}

TEST(Bounds, SignedSpikesPullTheirReadersBothWays) {
  Program program = tiny::one_neuron({1}, 0, 2, 1);
  program.nodes[2].as<Accumulator>()->bias = {-5};
  EXPECT_EQ(prove_bounds(program, 10).nodes[1].max_membrane, 10 * 5);
  program.nodes[1].as<IfLayer>()->neuron = NeuronKind::signed_;
  EXPECT_EQ(prove_bounds(program, 10).nodes[1].max_membrane, 10 * (5 + 1));
}

TEST(Bounds, NamesTheWorstChannel) {
  Program program = tiny::every_kind();
  std::get<Conv>(program.nodes[1].as<IfLayer>()->groups[0].connection).weight[2 * 18 + 5] = -100;
  EXPECT_EQ(prove_bounds(program, 4).nodes[0].worst_channel, 2);
}

/// Random inputs of the worst kind: every value at one end of its range, changed from step to step.
Integers extreme_input(Random& random, const ValueRange& range, std::int64_t size) {
  Integers input(static_cast<std::size_t>(size));
  for (auto& value : input) value = random.below(2) == 0 ? range.low : range.high;
  return input;
}

class BoundsProperty : public ::testing::TestWithParam<InputEncoding> {};

TEST_P(BoundsProperty, NothingObservedLeavesTheProvenInterval) {
  constexpr int kTimesteps = 6;
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    Program program = tiny::random_weights(seed);
    program.nodes[0].as<InputNode>()->encoding = GetParam();
    ASSERT_NO_THROW(validate(program));
    const Bounds bounds = prove_bounds(program, kTimesteps);
    Random random(seed + 1000);
    const std::int64_t size = element_count(program.nodes[0].shape);
    const Integers image = extreme_input(random, value_ranges(program)[0], size);
    const bool constant = GetParam() == InputEncoding::constant_current;
    const auto run = simulate_with(program, kTimesteps, [&](int) {
      return constant ? image : extreme_input(random, value_ranges(program)[0], size);
    });
    for (const NodeBounds& limits : bounds.nodes) {
      const auto node = static_cast<std::size_t>(limits.node);
      ASSERT_LE(run.extreme_current[node], limits.max_current) << "seed " << seed << " node " << node;
      ASSERT_LE(run.extreme_membrane[node], limits.max_membrane) << "seed " << seed << " node " << node;
      ASSERT_LE(run.extreme_membrane[node], limits.max_integral) << "seed " << seed << " node " << node;
    }
  }
}

TEST_P(BoundsProperty, NorWithSignedSpikesBiasesByTimestepAndMaximaOfCounts) {
  constexpr int kTimesteps = 6;
  std::int64_t negative_spikes = 0;
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    Program program = neurocuda::testing::with_format_fields(tiny::random_weights(seed), seed);
    program.nodes[0].as<InputNode>()->encoding = GetParam();
    ASSERT_NO_THROW(validate(program));
    const Bounds bounds = prove_bounds(program, kTimesteps);
    const std::vector<ValueRange> ranges = value_ranges(program);
    Random random(seed + 1000);
    const std::int64_t size = element_count(program.nodes[0].shape);
    const auto run = simulate_with(program, kTimesteps, [&](int) { return extreme_input(random, ranges[0], size); });
    for (const NodeBounds& limits : bounds.nodes) {
      const auto node = static_cast<std::size_t>(limits.node);
      ASSERT_LE(run.extreme_current[node], limits.max_current) << "seed " << seed << " node " << node;
      ASSERT_LE(run.extreme_membrane[node], limits.max_membrane) << "seed " << seed << " node " << node;
      ASSERT_LE(run.extreme_membrane[node], limits.max_integral) << "seed " << seed << " node " << node;
    }
    for (const auto& values : run.values) {
      for (std::size_t node = 0; node + 1 < ranges.size(); ++node) {
        const auto [low, high] = std::minmax_element(values[node].begin(), values[node].end());
        ASSERT_GE(*low, ranges[node].low) << "seed " << seed << " node " << node;
        ASSERT_LE(*high, ranges[node].high) << "seed " << seed << " node " << node;
      }
      negative_spikes += std::count(values[2].begin(), values[2].end(), -1);
    }
  }
  EXPECT_GT(negative_spikes, 100);
}

INSTANTIATE_TEST_SUITE_P(Encodings, BoundsProperty,
                         ::testing::Values(InputEncoding::constant_current, InputEncoding::spike_train));

/// The largest |v| over every input of three synapses and five timesteps.
std::int64_t highest_of_all_spike_trains(const Program& program) {
  std::int64_t observed = 0;
  for (int code = 0; code < 1 << 15; ++code) {
    const auto run = simulate_with(program, 5, [&](int t) {
      const int bits = code >> (3 * t);
      return Integers{bits & 1, (bits >> 1) & 1, (bits >> 2) & 1};
    });
    observed = std::max(observed, run.extreme_membrane[1]);
  }
  return observed;
}

TEST(Bounds, ExhaustiveSpikeTrainsOfOneNeuronStayWithin) {
  // Every input over 5 steps of three synapses: 8^5 runs, for neurons with drive below and beyond theta.
  for (const auto& [row, bias, theta, v0] :
       {std::tuple{std::vector<std::int8_t>{3, 5, -4}, 0, 6, 3}, {{7, -2, 1}, -3, 4, 2}, {{2, 2, -9}, 2, 30, 40}}) {
    for (const NeuronKind kind : {NeuronKind::plain, NeuronKind::signed_}) {
      Program program = tiny::one_neuron(row, bias, theta, v0);
      program.nodes[1].as<IfLayer>()->neuron = kind;
      const std::int64_t proven = neuron(prove_bounds(program, 5)).max_membrane;
      const std::int64_t observed = highest_of_all_spike_trains(program);
      EXPECT_LE(observed, proven);
      EXPECT_GE(observed, proven - theta);  // not a vacuous bound either
    }
  }
}

TEST(Bounds, Float32LimitNamesTheFirstNodeBeyondIt) {
  Program program = tiny::one_neuron({100}, 0, 1 << 20, 0);
  EXPECT_TRUE(prove_bounds(program, 32).exact_in_float32);
  program.nodes[1].as<IfLayer>()->bias = {-(1 << 20)};
  EXPECT_TRUE(prove_bounds(program, 16).exact_in_float32);  // 16 x 2^20 = 2^24 is still exact
  const Bounds beyond = prove_bounds(program, 17);
  EXPECT_FALSE(beyond.exact_in_float32);
  EXPECT_TRUE(beyond.fits_int32);
  EXPECT_EQ(beyond.first_beyond_float32, "neuron");
  EXPECT_EQ(beyond.first_beyond_int32, "");
}

TEST(Bounds, AThresholdThatFloat32CannotHoldIsNoticed) {
  const Bounds bounds = prove_bounds(tiny::one_neuron({1}, 0, (1 << 24) + 2, 0), 1);
  EXPECT_EQ(bounds.first_beyond_float32, "neuron");
}

TEST(Bounds, HostileSizesSaturateInsteadOfWrapping) {
  Program program = tiny::one_neuron({127, 127}, INT32_MAX, 2, INT32_MAX);
  program.nodes[1].as<IfLayer>()->groups[0].shift = {7};
  const Bounds bounds = prove_bounds(program, kMaxTimesteps);
  EXPECT_FALSE(bounds.fits_int32);
  EXPECT_FALSE(bounds.exact_mode_fits_int32);
  EXPECT_EQ(bounds.first_beyond_int32, "neuron");
}

std::string refusal(const Program& program, int timesteps, bool exact = false) {
  try {
    require_runnable(program, timesteps, exact);
  } catch (const UserError& error) {
    return error.what();
  }
  return "";
}

TEST(RequireRunnable, NamesTheLayerAndTheLongestRun) {
  const Program program = tiny::one_neuron({1}, -(1 << 22), 100, 0);
  EXPECT_EQ(refusal(program, 511), "");
  const std::string message = refusal(program, 1024);
  EXPECT_THAT(message, HasSubstr("layer 'neuron'"));
  EXPECT_THAT(message, HasSubstr("run at most 511 timesteps"));
}

TEST(RequireRunnable, HopelessProgramsAreToldSo) {
  EXPECT_THAT(refusal(tiny::one_neuron({1}, INT32_MAX, 2, INT32_MAX), 1), HasSubstr("convert the network again"));
}

TEST(RequireRunnable, ExactModeNeedsMoreRoom) {
  const Program program = tiny::one_neuron({1}, 1 << 22, (1 << 22) + 2, 0);  // the reset holds v below 2^24
  EXPECT_EQ(refusal(program, 4096), "");
  EXPECT_THAT(refusal(program, 4096, true), HasSubstr("layer 'neuron'"));
  EXPECT_EQ(refusal(program, 500, true), "");
}

TEST(RequireRunnable, ChecksTheTimesteps) {
  const Program program = tiny::every_kind();
  EXPECT_THAT(refusal(program, 0), HasSubstr("0 timesteps"));
  EXPECT_THAT(refusal(program, -3), HasSubstr("-3 timesteps"));
  EXPECT_THAT(refusal(program, kMaxTimesteps + 1), HasSubstr("4097 timesteps"));
  EXPECT_EQ(refusal(program, kMaxTimesteps), "");
}

}  // namespace
}  // namespace neurocuda::program
