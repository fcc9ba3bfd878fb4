// One connection at a time, worked out with a pencil. Thresholds out of reach make the membranes show the currents.
#include "conformance/targets.hpp"
#include "conformance/tiny_program.hpp"

namespace neurocuda {
namespace {

using program::Conv;
using program::Diagonal;
using program::InputEncoding;
using program::OrPool;
using program::SumPool;
using testing::TinyProgram;
using Membranes = std::vector<std::int32_t>;

class SynapsesByHand : public testing::OnEveryTarget {
 protected:
  /// A single timestep of spikes (C, H, W) through a convolution.
  runtime::RunResult convolve(const Shape& source, const std::vector<std::int8_t>& spikes, const Shape& target,
                              const Conv& conv) {
    const auto program = TinyProgram(source, InputEncoding::spike_train, 1)
                             .layer(target, {TinyProgram::group(0, conv, target[0])}, testing::kNever)
                             .count();
    return testing::run_recorded(program, GetParam(), {{1, 1, source[0], source[1], source[2]}, spikes});
  }
  static Membranes currents(const runtime::RunResult& result) {
    return testing::membranes_at(result.record().layers[0], 0);
  }

  /// A layer of shape (1, 2, 2) that repeats its input spikes: something for pools and skips to read.
  static TinyProgram relay(int timesteps) {
    const Conv conv{Tensor<std::int8_t>({1, 1, 1, 1}, 2), {}, 1};
    return TinyProgram({1, 2, 2}, InputEncoding::spike_train, timesteps)
        .layer({1, 2, 2}, {TinyProgram::group(0, conv, 1)}, 2);
  }
};

TEST_P(SynapsesByHand, ConvolutionIsCrossCorrelation) {
  const Conv conv{{{1, 1, 1, 3}, {1, 10, 100}}, {{1, 3}, {1, 1}, {0, 1}, {1, 1}}, 1};
  const auto result = convolve({1, 1, 4}, {1, 0, 0, 1}, {1, 1, 4}, conv);
  EXPECT_EQ(currents(result), (Membranes{10, 1, 100, 10}));
  EXPECT_EQ(result.activity().synaptic_operations[1], 4);  // the padding is not a target
}

TEST_P(SynapsesByHand, Dilation) {
  const Conv conv{{{1, 1, 1, 3}, {1, 10, 100}}, {{1, 3}, {1, 1}, {0, 0}, {1, 2}}, 1};
  EXPECT_EQ(currents(convolve({1, 1, 6}, {1, 1, 0, 0, 1, 0}, {1, 1, 2}, conv)), (Membranes{101, 1}));
}

TEST_P(SynapsesByHand, StrideSkipsPositions) {
  const Conv conv{Tensor<std::int8_t>({1, 1, 1, 1}, 7), {{1, 1}, {2, 2}, {0, 0}, {1, 1}}, 1};
  const auto result = convolve({1, 3, 3}, {1, 1, 0, 1, 1, 1, 0, 0, 1}, {1, 2, 2}, conv);
  EXPECT_EQ(currents(result), (Membranes{7, 0, 0, 7}));
  EXPECT_EQ(result.activity().synaptic_operations[1], 2);  // the other four spikes reach no weight
}

TEST_P(SynapsesByHand, GroupsKeepChannelsApart) {
  const Conv conv{{{4, 1, 1, 1}, {1, 2, 3, 4}}, {}, 2};
  const auto first = convolve({2, 1, 1}, {1, 0}, {4, 1, 1}, conv);
  EXPECT_EQ(currents(first), (Membranes{1, 2, 0, 0}));
  EXPECT_EQ(first.activity().synaptic_operations[1], 2);
  EXPECT_EQ(currents(convolve({2, 1, 1}, {0, 1}, {4, 1, 1}, conv)), (Membranes{0, 0, 3, 4}));
}

TEST_P(SynapsesByHand, LinearReadsInChannelHeightWidthOrder) {
  const program::Linear linear{{{1, 8}, {1, 2, 3, 4, 5, 6, 7, 8}}};
  const auto program = TinyProgram({2, 2, 2}, InputEncoding::constant_current, 1)
                           .layer({1}, {TinyProgram::group(0, linear, 1)}, testing::kNever)
                           .count();
  const auto result = testing::run_recorded(program, GetParam(), {{1, 2, 2, 2}, {0, 1, 0, 0, 0, 0, -10, 0}});
  EXPECT_EQ(currents(result), (Membranes{2 - 70}));
  EXPECT_EQ(result.activity().synaptic_operations[1], 0);  // a constant current is not spikes
}

TEST_P(SynapsesByHand, DiagonalWithShift) {
  auto network = relay(3);
  const Conv none{Tensor<std::int8_t>({1, 1, 1, 1}, 0), {}, 1};
  const Diagonal skip{Tensor<std::int8_t>({1}, -3)};
  network.layer({1, 2, 2}, {TinyProgram::group(1, none, 1), TinyProgram::group(1, skip, 1, 2)}, testing::kNever, 1);
  const auto result =
      testing::run_recorded(network.count(), GetParam(), {{1, 3, 1, 2, 2}, {1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0}});
  const auto& layer = result.record().layers[1];
  EXPECT_EQ(testing::membranes_at(layer, 0), (Membranes{-11, 1, 1, 1}));
  EXPECT_EQ(testing::membranes_at(layer, 1), (Membranes{-22, -10, 2, 2}));
  EXPECT_EQ(testing::membranes_at(layer, 2), (Membranes{-21, -9, 3, 3}));
  const std::int64_t operations = result.activity().synaptic_operations[2 * 3 + 1];
  EXPECT_EQ(operations, 2 + 2);  // two spikes, each through the zero weight and the skip
}

TEST_P(SynapsesByHand, PoolsPerTimestep) {
  const std::vector<std::int8_t> spikes{1, 0, 1, 1, 0, 0, 0, 0, 0, 1, 0, 0};
  const Window whole{{2, 2}, {2, 2}, {0, 0}, {1, 1}};
  const auto sum =
      testing::run_recorded(relay(3).node({1, 1, 1}, SumPool{1, whole}).count(), GetParam(), {{1, 3, 1, 2, 2}, spikes});
  EXPECT_EQ(sum.accumulators_by_timestep(), (Tensor<std::int32_t>({1, 3, 1}, {3, 3, 4})));
  EXPECT_EQ(sum.activity().synaptic_operations[3 * 3], 3);  // a pooled count of three
  const auto any =
      testing::run_recorded(relay(3).node({1, 1, 1}, OrPool{1, whole}).count(), GetParam(), {{1, 3, 1, 2, 2}, spikes});
  EXPECT_EQ(any.accumulators_by_timestep(), (Tensor<std::int32_t>({1, 3, 1}, {1, 1, 2})));
  EXPECT_EQ(any.activity().synaptic_operations[3 * 3], 1);
}

INSTANTIATE_TEST_SUITE_P(Conformance, SynapsesByHand, ::testing::ValuesIn(testing::targets()), testing::parameter_name);

}  // namespace
}  // namespace neurocuda
