#include <gtest/gtest.h>

#include <limits>
#include <numeric>

#include "runtime/cpu/plan/pack.hpp"

namespace neurocuda {
namespace {

using namespace runtime::cpu;

constexpr std::int64_t kUnlimited = std::numeric_limits<std::int64_t>::max();

TEST(Int16Rows, CountsTheLargestOfOneSign) {
  EXPECT_EQ(int16_rows(std::vector<std::int8_t>(16 * 258, 127), 16), kUnlimited);  // 32766
  EXPECT_EQ(int16_rows(std::vector<std::int8_t>(16 * 300, 127), 16), 258);
  EXPECT_EQ(int16_rows(std::vector<std::int8_t>(16 * 256, -128), 16), kUnlimited);  // -32768 exactly
  EXPECT_EQ(int16_rows(std::vector<std::int8_t>(16 * 257, -128), 16), 256);
  EXPECT_EQ(int16_rows(std::vector<std::int8_t>(16 * 40000, 0), 16), kUnlimited);
}

TEST(Int16Rows, OfSpikesWithSignsCountBothSigns) {
  std::vector<std::int8_t> weights(16 * 300, 127);
  for (std::size_t row = 0; row < 300; row += 2)
    std::fill_n(weights.begin() + static_cast<std::ptrdiff_t>(16 * row), 16, -128);
  EXPECT_EQ(int16_rows(weights, 16), kUnlimited);                             // 150 of each
  EXPECT_EQ(int16_rows(weights, 16, true), 150 + (32767 - 150 * 128) / 127);  // one sign, if the spikes want it
}

TEST(Int16Rows, IsThatOfTheWorstChannel) {
  std::vector<std::int8_t> weights(16 * 1000, 1);
  for (std::size_t row = 0; row < 1000; ++row) weights[row * 16 + 5] = row < 100 ? 100 : 50;
  EXPECT_EQ(int16_rows(weights, 16), 100 + (32767 - 10000) / 50);
}

TEST(Pack, PutsOutputsInnermostAndPads) {
  const program::Conv conv{{{2, 2, 1, 2}, {1, 2, 3, 4, 5, 6, 7, 8}}, {{1, 2}, {1, 1}, {0, 0}, {1, 1}}, 1};
  const auto packed = pack(conv, {2, 1, 3}, {2, 1, 2});
  ASSERT_EQ(packed.size(), 1U);
  EXPECT_EQ(packed[0].padded, 16);
  EXPECT_EQ(packed[0].tap_bytes(), 32);
  const auto row = [&](int tap, int input) {
    return std::vector<int>{packed[0].weights[32 * tap + 16 * input], packed[0].weights[32 * tap + 16 * input + 1]};
  };
  EXPECT_EQ(row(0, 0), (std::vector<int>{1, 5}));
  EXPECT_EQ(row(1, 0), (std::vector<int>{2, 6}));
  EXPECT_EQ(row(0, 1), (std::vector<int>{3, 7}));
  EXPECT_EQ(row(1, 1), (std::vector<int>{4, 8}));
  EXPECT_EQ(std::accumulate(packed[0].weights.begin(), packed[0].weights.end(), 0), 36);
}

TEST(Pack, DepthwiseSharesBlocks) {
  const program::Conv conv{Tensor<std::int8_t>({40, 1, 1, 1}, 3), {}, 40};
  const auto packed = pack(conv, {40, 2, 2}, {40, 2, 2});
  ASSERT_EQ(packed.size(), 3U);
  EXPECT_EQ(packed[1].first_input, 16);
  EXPECT_EQ(packed[1].first_output, 16);
  EXPECT_EQ(packed[2].outputs, 8);
  EXPECT_EQ(packed[0].weights[0], 3);
  EXPECT_EQ(packed[0].weights[1], 0);
}

TEST(Pack, WideGroupsStandAlone) {
  const program::Conv conv{Tensor<std::int8_t>({60, 5, 1, 1}, 1), {}, 3};
  const auto packed = pack(conv, {15, 1, 1}, {60, 1, 1});
  ASSERT_EQ(packed.size(), 3U);
  EXPECT_EQ(packed[2].first_input, 10);
  EXPECT_EQ(packed[2].first_output, 32);  // 8 of no group, then 40 to 59
  EXPECT_EQ(packed[2].outputs, 28);
  EXPECT_EQ(packed[2].padded, 32);
  EXPECT_EQ(packed[2].weights[7], 0);
  EXPECT_EQ(packed[2].weights[8], 1);
  EXPECT_EQ(packed[2].padded, 32);
}

}  // namespace
}  // namespace neurocuda
