#include <gtest/gtest.h>

#include "runtime/fan_out.hpp"

namespace neurocuda {
namespace {

using runtime::fan_out;
using FanOut = std::vector<std::int64_t>;

TEST(FanOut, OfAConvolutionIsSmallerAtTheEdge) {
  const program::Conv conv{Tensor<std::int8_t>({4, 2, 3, 3}), {{3, 3}, {1, 1}, {1, 1}, {1, 1}}, 1};
  EXPECT_EQ(fan_out({2, 3, 3}, {4, 3, 3}, conv), (FanOut{16, 24, 16, 24, 36, 24, 16, 24, 16}));
}

TEST(FanOut, OfAStrideIsUneven) {
  const program::Conv conv{Tensor<std::int8_t>({1, 1, 1, 1}), {{1, 1}, {1, 2}, {0, 0}, {1, 1}}, 1};
  EXPECT_EQ(fan_out({1, 1, 5}, {1, 1, 3}, conv), (FanOut{1, 0, 1, 0, 1}));
}

TEST(FanOut, OfGroupsIsOneGroupsOutputs) {
  const program::Conv conv{Tensor<std::int8_t>({6, 1, 1, 1}), {}, 3};
  EXPECT_EQ(fan_out({3, 1, 2}, {6, 1, 2}, conv), (FanOut{2, 2}));
}

TEST(FanOut, OfLinearAndDiagonal) {
  EXPECT_EQ(fan_out({2, 1, 2}, {7}, program::Linear{Tensor<std::int8_t>({7, 4})}), (FanOut{7, 7}));
  EXPECT_EQ(fan_out({2, 1, 2}, {2, 1, 2}, program::Diagonal{Tensor<std::int8_t>({2})}), (FanOut{1, 1}));
}

}  // namespace
}  // namespace neurocuda
