#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "neurocuda/base/error.hpp"
#include "neurocuda/base/random.hpp"

namespace neurocuda {
namespace {

using ::testing::ElementsAre;

TEST(Random, TheEngineIsTheStandardOne) {
  // [rand.predef]: the 10000th draw of a default-seeded mt19937_64.
  Random random(std::mt19937_64::default_seed);
  for (int i = 1; i < 10000; ++i) random.bits();
  EXPECT_EQ(random.bits(), 9981545732273789042ULL);
}

TEST(Random, SameSeedSameDraws) {
  Random first(7), second(7), other(8);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(first.bits(), second.bits());
  EXPECT_NE(first.bits(), other.bits());
}

// Worked out by an independent implementation of the generator and of the header's formulas.
TEST(Random, GoldenDraws) {
  Random random(42);
  for (const double expected : {0x1.82a3befaddcbcp-1, 0x1.472f1f73724a0p-1, 0x1.81192cfe1cbcfp-1}) {
    EXPECT_EQ(random.uniform(), expected);
  }
  for (const int expected : {2, 1, 8, 6, 4, 0, 7, 5}) EXPECT_EQ(random.below(10), expected);
  EXPECT_THAT(random.permutation(8), ElementsAre(1, 2, 7, 0, 5, 4, 3, 6));
  for (const double expected : {0.28447177850539157, 0.98109151583649457, 0.85126975878008804}) {
    EXPECT_DOUBLE_EQ(random.normal(), expected);  // the last bits are the maths library's
  }
}

TEST(Random, UniformIsUniform) {
  Random random(1);
  double sum = 0;
  for (int i = 0; i < 10000; ++i) {
    const double draw = random.uniform();
    ASSERT_GE(draw, 0.0);
    ASSERT_LT(draw, 1.0);
    sum += draw;
  }
  EXPECT_NEAR(sum / 10000, 0.5, 0.02);
}

TEST(Random, BelowReachesEveryValueEvenly) {
  Random random(2);
  std::vector<int> counts(6, 0);
  for (int i = 0; i < 6000; ++i) ++counts.at(random.below(6));
  for (const int count : counts) EXPECT_NEAR(count, 1000, 150);
  EXPECT_EQ(random.below(1), 0);
  EXPECT_THROW(random.below(0), InternalError);
}

TEST(Random, NormalHasUnitVariance) {
  Random random(3);
  double sum = 0, squares = 0;
  for (int i = 0; i < 10000; ++i) {
    const double draw = random.normal();
    ASSERT_TRUE(std::isfinite(draw));
    sum += draw;
    squares += draw * draw;
  }
  EXPECT_NEAR(sum / 10000, 0.0, 0.05);
  EXPECT_NEAR(squares / 10000, 1.0, 0.05);
}

TEST(Random, PermutationsHoldEveryIndexOnce) {
  Random random(4);
  std::vector<std::int64_t> order = random.permutation(1000);
  EXPECT_FALSE(std::is_sorted(order.begin(), order.end()));
  std::sort(order.begin(), order.end());
  for (std::int64_t i = 0; i < 1000; ++i) ASSERT_EQ(order[i], i);
  EXPECT_TRUE(random.permutation(0).empty());
}

}  // namespace
}  // namespace neurocuda
