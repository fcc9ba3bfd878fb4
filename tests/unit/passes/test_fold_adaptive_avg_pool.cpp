#include <gtest/gtest.h>

#include "neurocuda/passes/passes.hpp"
#include "support/expect_error.hpp"

namespace neurocuda::passes {
namespace {

TEST(FoldAdaptiveAvgPool, OnePositionServesAllThatItWasSpreadOver) {
  const Tensor<float> weight({1, 8}, {1, 2, 3, 4, 10, 20, 30, 40});
  EXPECT_EQ(fold_adaptive_avg_pool(weight, 2, {1, 1}, {2, 2}), Tensor<float>({1, 2}, {10, 100}));
}

TEST(FoldAdaptiveAvgPool, WindowsThatDivideTheMapShareTheWeight) {
  const Tensor<float> weight({2, 2}, {4, 8, 2, 6});
  EXPECT_EQ(fold_adaptive_avg_pool(weight, 1, {1, 4}, {1, 2}), Tensor<float>({2, 4}, {2, 2, 4, 4, 1, 1, 3, 3}));
}

TEST(FoldAdaptiveAvgPool, OverlappingWindowsAddUp) {
  // 3 -> 2: positions 0..1 and 1..2. 2 -> 3: positions 0, 0..1 and 1.
  EXPECT_EQ(fold_adaptive_avg_pool(Tensor<float>({1, 2}, {2, 6}), 1, {3, 1}, {2, 1}), Tensor<float>({1, 3}, {1, 4, 3}));
  EXPECT_EQ(fold_adaptive_avg_pool(Tensor<float>({1, 3}, {1, 4, 8}), 1, {2, 1}, {3, 1}),
            Tensor<float>({1, 2}, {3, 10}));
}

TEST(FoldAdaptiveAvgPool, RefusesAWeightOfAnotherShape) {
  testing::expect_error<UserError>(
      [] {
        fold_adaptive_avg_pool(Tensor<float>({1, 7}), 2, {1, 1}, {2, 2});
      },
      {"(1, 7)", "2 channels of 2x2"});
}

}  // namespace
}  // namespace neurocuda::passes
