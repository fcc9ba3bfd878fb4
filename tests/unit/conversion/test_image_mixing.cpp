#include <gtest/gtest.h>

#include <algorithm>

#include "conversion/batches/image_mixing.hpp"

namespace neurocuda::conversion {
namespace {

constexpr std::int64_t kCount = 32, kHeight = 6, kWidth = 9;

/// Every pixel tells its image, channel and place.
torch::Tensor distinct_images() {
  return torch::arange(static_cast<double>(kCount * 3 * kHeight * kWidth), torch::kFloat32)
      .view({kCount, 3, kHeight, kWidth});
}

TEST(Mixup, AddsTheSharesOfBothImages) {
  Random random(1);
  const auto images = distinct_images();
  const MixedImages mixed = mixup(images, 1, random);
  const auto share = mixed.shares.view({kCount, 1, 1, 1});
  const auto expected = share * images + (1 - share) * images.index_select(0, mixed.partners);
  EXPECT_TRUE(torch::allclose(mixed.images, expected, 1e-4, 1e-2));
}

TEST(CutMix, TakesEveryPixelFromOneOfBothAtItsPlace) {
  Random random(2);
  const auto images = distinct_images();
  const MixedImages mixed = cutmix(images, 1, random);
  EXPECT_TRUE(mixed.images.is_contiguous(torch::MemoryFormat::ChannelsLast));
  const auto own = mixed.images.eq(images), other = mixed.images.eq(images.index_select(0, mixed.partners));
  EXPECT_TRUE(own.logical_or(other).all().item<bool>());
  EXPECT_TRUE(torch::equal(own.any(1), own.all(1)));  // all channels of a pixel go together
  // An image that is its own partner loses nothing by its box.
  const auto alone = mixed.partners.eq(torch::arange(kCount));
  const auto kept = own.to(torch::kFloat32).mean({1, 2, 3});
  EXPECT_TRUE(torch::allclose(torch::where(alone, mixed.shares, kept), mixed.shares, 0, 1e-6));
  EXPECT_GT(mixed.shares.lt(0.9).sum().item<std::int64_t>(), kCount / 4);
}

TEST(CutMix, ReplacesOneBox) {
  Random random(3);
  const auto images = distinct_images();
  const MixedImages mixed = cutmix(images, 1, random);
  for (std::int64_t i = 0; i < kCount; ++i) {
    const auto replaced = mixed.images[i][0].ne(images[i][0]);
    const auto rows = replaced.any(1).sum().item<std::int64_t>(), columns = replaced.any(0).sum().item<std::int64_t>();
    EXPECT_EQ(replaced.sum().item<std::int64_t>(), rows * columns) << i;
  }
}

TEST(CutMix, IsAFunctionOfItsRandomNumbers) {
  const auto images = distinct_images();
  const auto from = [&](std::uint64_t seed) {
    Random random(seed);
    return cutmix(images, 0.5, random).images;
  };
  EXPECT_TRUE(torch::equal(from(5), from(5)));
  EXPECT_FALSE(torch::equal(from(5), from(6)));
}

TEST(CutMixBox, IsTheRestOfTheImageWhereNothingIsCutOff) {
  Random random(4);
  std::int64_t largest = 0, smallest = kHeight * kWidth;
  for (int i = 0; i < 500; ++i) {
    const Box box = draw_box(random, 32, 32, 0.25);
    EXPECT_GE(std::min(box.top, box.left), 0);
    EXPECT_LE(std::max(box.bottom, box.right), 32);
    largest = std::max(largest, box.area());
    smallest = std::min(smallest, box.area());
  }
  EXPECT_EQ(largest, 16 * 16);
  EXPECT_LT(smallest, 16 * 16 / 2);  // some have their centre at a corner
}

TEST(CutMixBox, IsEmptyOrTheWholeImageAtTheEndsOfBeta) {
  Random random(5);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(draw_box(random, 32, 32, 0).area(), 0);
  std::int64_t largest = 0;
  for (int i = 0; i < 2000; ++i) largest = std::max(largest, draw_box(random, 4, 4, 1).area());
  EXPECT_EQ(largest, 16);
}

}  // namespace
}  // namespace neurocuda::conversion
