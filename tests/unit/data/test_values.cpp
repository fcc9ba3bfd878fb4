#include <gtest/gtest.h>

#include <limits>

#include "neurocuda/base/error.hpp"
#include "neurocuda/data/loader.hpp"
#include "support/expect_error.hpp"

namespace neurocuda::data {
namespace {

using testing::expect_error;

/// Two 2x2 images of two channels: 0, -1, 2, -3, ...
Dataset two_by_two() {
  Tensor<float> values({2, 2, 2, 2});
  for (std::int64_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i % 2 == 0 ? i : -i);
  return from_values("floats", std::move(values), {0, 1}, 2);
}

TEST(FromValues, KeepsWhatItIsGiven) {
  const Dataset dataset = two_by_two();
  EXPECT_TRUE(dataset.is_normalized());
  EXPECT_EQ(dataset.size(), 2);
  EXPECT_EQ(dataset.image_shape(), (Shape{2, 2, 2}));
}

TEST(FromValues, RefusesWhatDoesNotFit) {
  expect_error<UserError>([] { from_values("floats", Tensor<float>({2, 4}), {0, 1}, 2); }, {"floats", "(2, 4)"});
  expect_error<UserError>([] { from_values("floats", Tensor<float>({2, 1, 1, 1}), {0}, 2); }, {"1 labels", "2 images"});
  expect_error<UserError>([] { from_values("floats", Tensor<float>({1, 1, 1, 1}), {2}, 2); }, {"label 2", "0 to 1"});
  Tensor<float> broken({1, 1, 1, 1}, std::numeric_limits<float>::quiet_NaN());
  expect_error<UserError>([&] { from_values("floats", broken, {0}, 2); }, {"image 0", "nan", "finite"});
}

TEST(FromValues, TakesMoreThan256Classes) {
  EXPECT_EQ(from_values("floats", Tensor<float>({1, 1, 1, 1}), {999}, 1000).labels, (std::vector<Label>{999}));
}

TEST(ChannelAbsmax, IsTheLargestMagnitudeOfEveryChannel) {
  EXPECT_EQ(channel_absmax(two_by_two()), (std::vector<float>{11, 15}));
  EXPECT_GT(channel_absmax(from_values("black", Tensor<float>({1, 1, 1, 1}), {0}, 1))[0], 0);
}

TEST(Normalized, LeavesValuesAlone) {
  const Dataset dataset = two_by_two();
  const Tensor<float> second = normalized(dataset, 1, 2, {0.5F, 0.5F}, {0.1F, 0.1F});
  EXPECT_EQ(second.shape(), (Shape{1, 2, 2, 2}));
  for (std::int64_t i = 0; i < 8; ++i) EXPECT_EQ(second[i], dataset.values[8 + i]);
}

TEST(Split, PartsValuesWithTheirLabels) {
  const Dataset first = head(two_by_two(), 1);
  EXPECT_EQ(first.size(), 1);
  EXPECT_TRUE(first.is_normalized());
  EXPECT_EQ(first.values.shape(), (Shape{1, 2, 2, 2}));
  EXPECT_EQ(first.values[3], -3.0F);
}

TEST(LoaderOfValues, GivesThemInOrder) {
  const Dataset dataset = two_by_two();
  Loader loader(dataset, {.batch_size = 2});
  Batch batch;
  ASSERT_TRUE(loader.next(batch));
  EXPECT_EQ(batch.images, dataset.values);
  EXPECT_EQ(batch.labels, (std::vector<std::int64_t>{0, 1}));
}

TEST(LoaderOfValues, ShiftsInZeros) {
  const Dataset dataset = from_values("ones", Tensor<float>({1, 1, 4, 4}, 1.0F), {0}, 1);
  Loader loader(dataset, {.augmentation = {.crop_padding = 3}});
  Batch batch;
  bool shifted = false;
  for (std::int64_t epoch = 0; epoch < 20; ++epoch) {
    loader.start(epoch);
    ASSERT_TRUE(loader.next(batch));
    for (const float value : batch.images.values()) {
      EXPECT_TRUE(value == 0.0F || value == 1.0F);
      shifted = shifted || value == 0.0F;
    }
  }
  EXPECT_TRUE(shifted);
}

}  // namespace
}  // namespace neurocuda::data
