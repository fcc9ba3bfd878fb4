#include <gtest/gtest.h>

#include <cmath>

#include "neurocuda/compiler/quantize.hpp"

namespace neurocuda::compiler {
namespace {

TEST(Quantize, ScaleGivesTheLargestValueTheLargestCode) {
  EXPECT_DOUBLE_EQ(channel_scale(1.27, 8), 0.01);
  EXPECT_DOUBLE_EQ(channel_scale(7.0, 4), 1.0);
  EXPECT_DOUBLE_EQ(channel_scale(1.0, 2), 1.0);
  EXPECT_EQ(channel_scale(0.0, 8), 0.0);
  for (int bits = 2; bits <= 8; ++bits) {
    EXPECT_EQ(quantize_weight(0.37, channel_scale(0.37, bits), bits), largest_code(bits));
    EXPECT_EQ(quantize_weight(-0.37, channel_scale(0.37, bits), bits), -largest_code(bits));
  }
}

TEST(Quantize, WeightsRoundTiesToEvenAndSaturate) {
  EXPECT_EQ(quantize_weight(1.25, 0.5, 8), 2);  // 2.5
  EXPECT_EQ(quantize_weight(1.75, 0.5, 8), 4);  // 3.5
  EXPECT_EQ(quantize_weight(-1.25, 0.5, 8), -2);
  EXPECT_EQ(quantize_weight(1e30, 0.5, 8), 127);
  EXPECT_EQ(quantize_weight(-1e30, 0.5, 8), -127);
  EXPECT_EQ(quantize_weight(9.0, 1.0, 4), 7);
}

TEST(Quantize, OffsetsSaturateAtInt32) {
  EXPECT_EQ(quantize_offset(-2.5, 1.0), -2);
  EXPECT_EQ(quantize_offset(3.5, 1.0), 4);
  EXPECT_EQ(quantize_offset(1e300, 1e-300), INT32_MAX);
  EXPECT_EQ(quantize_offset(-1e12, 1.0), -INT32_MAX);
}

TEST(Quantize, ThresholdsAreEvenAndPositive) {
  EXPECT_EQ(quantize_threshold(100.9, 1.0), 100);
  EXPECT_EQ(quantize_threshold(101.1, 1.0), 102);
  EXPECT_EQ(quantize_threshold(101.0, 1.0), 100);  // 50.5 to the even half
  EXPECT_EQ(quantize_threshold(103.0, 1.0), 104);  // 51.5
  EXPECT_EQ(quantize_threshold(0.001, 1.0), 2);
  EXPECT_EQ(quantize_threshold(1e300, 1e-300), INT32_MAX - 1);
}

TEST(Quantize, HalfTheThresholdIsTheInitialMembrane) {
  for (double theta = 1.0; theta < 60.0; theta += 0.0625) {
    ASSERT_EQ(2 * quantize_offset(theta / 2, 0.25), quantize_threshold(theta, 0.25)) << theta;
  }
}

TEST(Quantize, DiagonalsTakeTheSmallestShift) {
  EXPECT_EQ(quantize_diagonal(127.0, 1.0, 8), (ShiftedWeight{127, 0}));
  EXPECT_EQ(quantize_diagonal(127.4, 1.0, 8), (ShiftedWeight{127, 0}));
  EXPECT_EQ(quantize_diagonal(127.5, 1.0, 8), (ShiftedWeight{64, 1}));  // 128 at shift 0; 63.75 at shift 1
  EXPECT_EQ(quantize_diagonal(1000.0, 1.0, 8), (ShiftedWeight{125, 3}));
  EXPECT_EQ(quantize_diagonal(-1000.0, 1.0, 8), (ShiftedWeight{-125, 3}));
  EXPECT_EQ(quantize_diagonal(127.0 * 128, 1.0, 8), (ShiftedWeight{127, 7}));
  EXPECT_EQ(quantize_diagonal(1e9, 1.0, 8), (ShiftedWeight{127, 7}));
  EXPECT_EQ(quantize_diagonal(28.0, 1.0, 4), (ShiftedWeight{7, 2}));
}

TEST(Quantize, ShiftedDiagonalsKeepSevenSignificantBits) {
  for (double value = 1.0; value < 16000.0; value *= 1.013) {
    const ShiftedWeight code = quantize_diagonal(value, 1.0, 8);
    const double rounded = std::ldexp(code.weight, code.shift);
    ASSERT_LE(std::abs(rounded - value), std::ldexp(0.5, code.shift)) << value;
    if (code.shift > 0) {
      ASSERT_GE(code.weight, 63) << value;
    }
  }
}

}  // namespace
}  // namespace neurocuda::compiler
