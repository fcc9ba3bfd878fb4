#include <gtest/gtest.h>

#include <array>
#include <bit>

#include "neurocuda/base/random.hpp"
#include "runtime/gpu/fragments.hpp"
#include "runtime/gpu/pack_weights.hpp"
#include "runtime/gpu/spike_layout.hpp"
#include "support/gpu_emulation/emulated_mma.hpp"

namespace neurocuda {
namespace {

using namespace runtime::gpu;

TEST(Fragments, DepthIsAPermutationOfTheWord) {
  std::array<int, 32> seen{};
  for (int k = 0; k < kTileDepth; ++k) ++seen[static_cast<std::size_t>(channel_of_depth(k))];
  for (const int count : seen) EXPECT_EQ(count, 1);
}

TEST(Fragments, ExpandedSpikesStandWhereTheWeightsExpectThem) {
  for (int channel = 0; channel < 32; ++channel) {
    for (int member = 0; member < 4; ++member) {
      for (int half = 0; half < 2; ++half) {
        const std::uint32_t expanded = expand_spikes(1U << channel, member, half);
        for (int byte = 0; byte < 4; ++byte) {
          const bool here = channel_of_depth(16 * half + 4 * member + byte) == channel;
          EXPECT_EQ(expanded >> (8 * byte) & 0xff, here ? 1U : 0U);
        }
      }
    }
  }
}

TEST(Fragments, SpikeStrideAvoidsBankConflicts) {
  for (int words = 1; words <= 64; ++words) {
    const int stride = spike_stride(words);
    EXPECT_GE(stride, words);
    EXPECT_LE(stride, words + 7);
    std::uint32_t banks = 0;
    for (int position = 0; position < 8; ++position) banks |= 1U << (position * stride % 32);
    EXPECT_EQ(std::popcount(banks), 8) << words;
  }
}

/// Spikes (16 positions) x packed weights (32 inputs, 8 channels) through the fragments, against the plain product.
TEST(PackWeights, MultiplyToThePlainProduct) {
  Random random(1);
  const int inputs = 29, channels = 21, columns = 32, taps = 2;
  std::vector<std::int8_t> weight(static_cast<std::size_t>(channels * inputs * taps));
  for (auto& value : weight) value = static_cast<std::int8_t>(random.below(256) - 128);
  const auto packed = pack_weights({{weight.data(), inputs, taps}}, channels, columns);
  ASSERT_EQ(packed.size(), static_cast<std::size_t>(taps * weight_words(columns)));

  for (int tap = 0; tap < taps; ++tap) {
    std::array<std::uint32_t, 16> spikes;
    for (auto& word : spikes) word = static_cast<std::uint32_t>(random.below(std::int64_t{1} << inputs));
    for (int tile = 0; tile < columns / kTileColumns; ++tile) {
      std::uint32_t a[32][4], b[32][2];
      std::int32_t c[32][4] = {};
      testing::Fragments fragments;
      for (int lane = 0; lane < 32; ++lane) {
        for (int r = 0; r < 4; ++r) {
          const auto row = static_cast<std::size_t>(quad_of(lane) + 8 * (r % 2));
          a[lane][r] = expand_spikes(spikes[row], member_of(lane), r / 2);
        }
        for (int half = 0; half < 2; ++half) {
          b[lane][half] =
              packed[static_cast<std::size_t>(tap * weight_words(columns) + packed_weight(tile, lane, half))];
        }
        fragments.a[lane] = a[lane];
        fragments.b[lane] = b[lane];
        fragments.c[lane] = c[lane];
      }
      testing::multiply_fragments(fragments);
      for (int lane = 0; lane < 32; ++lane) {
        for (int r = 0; r < 4; ++r) {
          const auto row = static_cast<std::size_t>(quad_of(lane) + 8 * (r / 2));
          const int channel = kTileColumns * tile + 2 * member_of(lane) + r % 2;
          std::int32_t expected = 0;
          for (int i = 0; i < inputs && channel < channels; ++i) {
            if (spikes[row] >> i & 1U)
              expected += weight[static_cast<std::size_t>((channel * inputs + i) * taps + tap)];
          }
          EXPECT_EQ(c[lane][r], expected);
        }
      }
    }
  }
}

TEST(PackWeights, BlocksOfColumnsFollowEachOther) {
  const std::vector<std::int8_t> weight(40 * 33, 1);
  const auto packed = pack_weights({{weight.data(), 33, 1}}, 40, 16);
  ASSERT_EQ(packed.size(), static_cast<std::size_t>(3 * 2 * weight_words(16)));
  std::int64_t ones = 0;
  for (const std::uint32_t word : packed) ones += std::popcount(word);
  EXPECT_EQ(ones, 40 * 33);
}

}  // namespace
}  // namespace neurocuda
