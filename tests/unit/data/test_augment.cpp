#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "neurocuda/data/augment.hpp"
#include "neurocuda/data/normalize.hpp"

namespace neurocuda::data {
namespace {

constexpr ImageSize kSize{2, 5, 6};

std::vector<std::uint8_t> numbered_pixels() {
  std::vector<std::uint8_t> pixels;
  for (int i = 0; i < kSize.pixels(); ++i) pixels.push_back(static_cast<std::uint8_t>(i + 1));
  return pixels;
}

/// The image after the placement, back in pixel values: -1 where the square was cut out.
std::vector<int> placed(const Placement& placement) {
  // With this mean no pixel value normalises to the 0 of the cut-out square.
  const auto table = normalisation_table(kSize.channels, {-1.0F, -1.0F}, {});
  std::vector<float> out(static_cast<std::size_t>(kSize.pixels()), 99.0F);
  place_image(numbered_pixels(), kSize, placement, table, out);
  std::vector<int> values;
  for (const float value : out) values.push_back(value == 0.0F ? -1 : static_cast<int>((value - 1.0F) * 255.0F + 0.5F));
  return values;
}

/// Pixel (c, y, x) of the source, 0 outside.
int source(std::int64_t c, std::int64_t y, std::int64_t x) {
  if (y < 0 || y >= kSize.height || x < 0 || x >= kSize.width) return 0;
  return static_cast<int>((c * kSize.height + y) * kSize.width + x + 1);
}

template <class Expected>
void expect_image(const std::vector<int>& actual, const Expected& expected) {
  std::size_t i = 0;
  for (std::int64_t c = 0; c < kSize.channels; ++c) {
    for (std::int64_t y = 0; y < kSize.height; ++y) {
      for (std::int64_t x = 0; x < kSize.width; ++x)
        EXPECT_EQ(actual[i++], expected(c, y, x)) << c << " " << y << " " << x;
    }
  }
}

TEST(PlaceImage, FlipIsTheExactMirror) {
  expect_image(placed({.mirror = true}), [](auto c, auto y, auto x) { return source(c, y, kSize.width - 1 - x); });
}

TEST(PlaceImage, CropShiftsAndPadsWithZeros) {
  for (std::int64_t down = -6; down <= 6; ++down) {
    for (std::int64_t right = -7; right <= 7; ++right) {
      expect_image(placed({.down = down, .right = right}),
                   [&](auto c, auto y, auto x) { return source(c, y + down, x + right); });
    }
  }
}

TEST(PlaceImage, FlipMirrorsTheShiftedImage) {
  expect_image(placed({.down = 1, .right = 2, .mirror = true}),
               [](auto c, auto y, auto x) { return source(c, y + 1, kSize.width - 1 - x + 2); });
}

TEST(PlaceImage, CutoutCoversItsSquareInEveryChannel) {
  expect_image(placed({.top = 1, .bottom = 3, .left = 2, .right_edge = 6}), [](auto c, auto y, auto x) {
    const bool inside = y >= 1 && y < 3 && x >= 2 && x < 6;
    return inside ? -1 : source(c, y, x);
  });
}

TEST(DrawPlacement, CoversItsRangesAndNoMore) {
  const Augmentation augmentation{.crop_padding = 2, .flip = true, .cutout = 3};
  std::set<std::int64_t> downs, rights, areas;
  int mirrored = 0;
  for (int image = 0; image < 4000; ++image) {
    const Placement p = draw_placement(augmentation, kSize, 1, 0, image);
    downs.insert(p.down);
    rights.insert(p.right);
    mirrored += p.mirror;
    EXPECT_TRUE(p.top >= 0 && p.top < p.bottom && p.bottom <= kSize.height);
    EXPECT_TRUE(p.left >= 0 && p.left < p.right_edge && p.right_edge <= kSize.width);
    areas.insert((p.bottom - p.top) * (p.right_edge - p.left));
  }
  EXPECT_EQ(downs, (std::set<std::int64_t>{-2, -1, 0, 1, 2}));
  EXPECT_EQ(rights, downs);
  // A 3x3 square centred anywhere loses one row or column at a border.
  EXPECT_EQ(areas, (std::set<std::int64_t>{4, 6, 9}));
  EXPECT_NEAR(mirrored, 2000, 160);  // five standard deviations
}

TEST(DrawPlacement, DoesNothingUnlessAsked) {
  for (int image = 0; image < 100; ++image) {
    const Placement p = draw_placement({}, kSize, 5, 3, image);
    EXPECT_EQ(p.down, 0);
    EXPECT_EQ(p.right, 0);
    EXPECT_FALSE(p.mirror);
    EXPECT_EQ(p.bottom, 0);
  }
}

TEST(DrawPlacement, KindsDrawIndependently) {
  for (int image = 0; image < 100; ++image) {
    const Placement crop = draw_placement({.crop_padding = 4}, kSize, 5, 3, image);
    const Placement all = draw_placement({.crop_padding = 4, .flip = true, .cutout = 2}, kSize, 5, 3, image);
    EXPECT_EQ(crop.down, all.down);
    EXPECT_EQ(crop.right, all.right);
  }
}

}  // namespace
}  // namespace neurocuda::data
