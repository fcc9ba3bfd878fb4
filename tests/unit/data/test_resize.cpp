#include <gtest/gtest.h>

#include "neurocuda/base/error.hpp"
#include "neurocuda/data/load_options.hpp"
#include "neurocuda/data/resize.hpp"
#include "support/expect_error.hpp"

namespace neurocuda::data {
namespace {

using Bytes = std::vector<std::uint8_t>;
using testing::expect_error;

/// Pixel (y, x) is (37 x + 91 y + 13 x y) % 256.
Bytes pattern(std::int64_t height, std::int64_t width) {
  Bytes pixels;
  for (std::int64_t y = 0; y < height; ++y) {
    for (std::int64_t x = 0; x < width; ++x) pixels.push_back(static_cast<std::uint8_t>(37 * x + 91 * y + 13 * x * y));
  }
  return pixels;
}

bool equal(const ImageSize& a, const ImageSize& b) {
  return a.channels == b.channels && a.height == b.height && a.width == b.width;
}

// Expected: Image.fromarray(pattern).resize((width, height), Image.BILINEAR) of Pillow 13.0;
// tests/python/test_datasets.py compares many more.
TEST(Resized, IsPillowsBilinearToTheLastBit) {
  EXPECT_EQ(resized(pattern(5, 7), {1, 5, 7}, {1, 3, 4}),
            (Bytes{61, 128, 127, 163, 151, 142, 148, 140, 106, 125, 142, 131}));
  EXPECT_EQ(resized(pattern(5, 7), {1, 5, 7}, {1, 5, 3}),
            (Bytes{32, 111, 190, 134, 166, 92, 181, 130, 159, 82, 170, 152, 129, 119, 109}));
  const Bytes larger = resized(pattern(5, 7), {1, 5, 7}, {1, 8, 11});
  EXPECT_EQ(Bytes(larger.begin(), larger.begin() + 16),
            (Bytes{0, 17, 40, 64, 87, 111, 135, 158, 182, 205, 222, 40, 59, 86, 113, 140}));
  EXPECT_EQ(Bytes(larger.end() - 6, larger.end()), (Bytes{119, 176, 162, 56, 90, 130}));
}

TEST(Resized, TakesTheColumnsOfTallImagesFirst) {
  EXPECT_EQ(resized(pattern(16, 5), {1, 16, 5}, {1, 6, 4}),
            (Bytes{93,  128, 152, 122, 115, 126, 148, 148, 127, 129, 147, 159,
                   138, 155, 121, 92,  135, 109, 99,  114, 157, 120, 87,  144}));
}

TEST(Resized, TakesChannelsOneByOne) {
  Bytes both = pattern(5, 7);
  both.insert(both.end(), 35, 200);
  const Bytes out = resized(both, {2, 5, 7}, {2, 3, 4});
  EXPECT_EQ(Bytes(out.begin(), out.begin() + 12), resized(pattern(5, 7), {1, 5, 7}, {1, 3, 4}));
  EXPECT_EQ(Bytes(out.begin() + 12, out.end()), Bytes(12, 200));
}

TEST(CenterCropped, HalvesGoToTheEvenNeighbour) {
  const Bytes row{0, 1, 2, 3, 4, 5, 6, 7};
  EXPECT_EQ(center_cropped(row, {1, 1, 8}, {1, 1, 5}), (Bytes{2, 3, 4, 5, 6}));  // 1.5 is 2
  EXPECT_EQ(center_cropped(row, {1, 1, 8}, {1, 1, 7}), (Bytes{0, 1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(center_cropped(row, {2, 2, 2}, {2, 1, 2}), (Bytes{0, 1, 4, 5}));
}

TEST(Sizes, AreTorchvisions) {
  EXPECT_TRUE(equal(with_shorter_side({3, 480, 641}, 256), {3, 256, 341}));
  EXPECT_TRUE(equal(with_shorter_side({3, 641, 480}, 256), {3, 341, 256}));
  EXPECT_TRUE(equal(covering({3, 480, 641}, {3, 256, 256}), {3, 256, 341}));
  EXPECT_TRUE(equal(covering({1, 10, 10}, {1, 4, 8}), {1, 8, 8}));
  EXPECT_TRUE(equal(covering({1, 100, 10}, {1, 4, 8}), {1, 80, 8}));
}

TEST(ParseCrop, ReadsASideOrBoth) {
  EXPECT_EQ(parse_crop("224", "crop"), (Shape{224, 224}));
  EXPECT_EQ(parse_crop("192x256", "crop"), (Shape{192, 256}));
  for (const char* bad : {"", "x", "3x", "-4", "3x4x5", "1e3", "123456"})
    expect_error<UserError>([&] { parse_crop(bad, "--crop"); }, {"--crop", "height x width"});
}

}  // namespace
}  // namespace neurocuda::data
