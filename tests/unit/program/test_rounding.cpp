#include <gtest/gtest.h>

#include "neurocuda/program/rounding.hpp"

namespace neurocuda::program {
namespace {

TEST(Rounding, TiesGoToTheEvenNeighbour) {
  EXPECT_EQ(round_half_even(0.5), 0);
  EXPECT_EQ(round_half_even(1.5), 2);
  EXPECT_EQ(round_half_even(2.5), 2);
  EXPECT_EQ(round_half_even(-0.5), 0);
  EXPECT_EQ(round_half_even(-1.5), -2);
  EXPECT_EQ(round_half_even(-2.5), -2);
  EXPECT_EQ(round_half_even(2.5000001), 3);
  EXPECT_EQ(round_half_even(-2.4999999), -2);
}

TEST(Rounding, LargestCodeIsSymmetric) {
  EXPECT_EQ(largest_code(8), 127);
  EXPECT_EQ(largest_code(4), 7);
  EXPECT_EQ(largest_code(2), 1);
}

}  // namespace
}  // namespace neurocuda::program
