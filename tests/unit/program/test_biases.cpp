#include <gmock/gmock.h>

#include "neurocuda/program/biases.hpp"

namespace neurocuda::program {
namespace {

using ::testing::ElementsAre;

TEST(MeanBiases, AreRoundedHalfToEven) {
  // Columns: 1/2, 3/2, -1/2, -3/2, 5/2, exact.
  EXPECT_THAT(mean_biases(Tensor<std::int32_t>({2, 6}, {0, 1, 0, -1, 2, 8, 1, 2, -1, -2, 3, -4})),
              ElementsAre(0, 2, 0, -2, 2, 2));
  // Thirds go to the nearest.
  EXPECT_THAT(mean_biases(Tensor<std::int32_t>({3, 4}, {1, 2, -1, -2, 0, 0, 0, 0, 0, 0, 0, 0})),
              ElementsAre(0, 1, 0, -1));
}

TEST(MeanBiases, ExtremesDoNotOverflow) {
  EXPECT_THAT(mean_biases(Tensor<std::int32_t>({kMaxTimesteps, 1}, INT32_MIN)), ElementsAre(INT32_MIN));
  EXPECT_THAT(mean_biases(Tensor<std::int32_t>({kMaxTimesteps, 1}, INT32_MAX)), ElementsAre(INT32_MAX));
  EXPECT_THAT(mean_biases(Tensor<std::int32_t>({2, 1}, {INT32_MIN, INT32_MAX})), ElementsAre(0)) << "-1/2";
}

TEST(BiasAt, IsTheTableFirstAndThenTheMean) {
  IfLayer layer;
  layer.bias = {10, 20};
  EXPECT_EQ(bias_at(layer, 1, 0), 20);
  EXPECT_EQ(bias_at(layer, 1, 99), 20);
  layer.bias_by_timestep = Tensor<std::int32_t>({2, 2}, {9, 30, 11, 10});
  EXPECT_EQ(bias_at(layer, 0, 0), 9);
  EXPECT_EQ(bias_at(layer, 1, 0), 30);
  EXPECT_EQ(bias_at(layer, 0, 1), 11);
  EXPECT_EQ(bias_at(layer, 1, 1), 10);
  EXPECT_EQ(bias_at(layer, 0, 2), 10);
  EXPECT_EQ(bias_at(layer, 1, 4095), 20);
}

}  // namespace
}  // namespace neurocuda::program
