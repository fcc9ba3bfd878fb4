#include <gtest/gtest.h>

#include <cmath>

#include "neurocuda/base/error.hpp"
#include "neurocuda/data/parse.hpp"
#include "support/expect_error.hpp"
#include "support/image_bytes.hpp"

namespace neurocuda::data {
namespace {

using Bytes = std::vector<std::uint8_t>;
using testing::expect_error;
using testing::jpeg_bytes;
using testing::png_bytes;

constexpr std::int64_t kMost = 10'000;

Picture decode(const Bytes& bytes) { return parse_image(bytes, "file", kMost); }

TEST(Png, GreyAndColorAreTakenAsTheyAre) {
  const Picture grey = decode(png_bytes(2, 3, 1, {1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(grey.size.channels, 1);
  EXPECT_EQ(grey.pixels, (Bytes{1, 2, 3, 4, 5, 6}));
  const Picture color = decode(png_bytes(1, 2, 3, {1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(color.size.channels, 3);
  EXPECT_EQ(color.pixels, (Bytes{1, 4, 2, 5, 3, 6}));
}

TEST(Png, WhatIsWrittenReadsBack) {
  const Picture grey{{1, 2, 3}, {0, 50, 100, 150, 200, 255}};
  const Picture color{{3, 1, 2}, {1, 4, 2, 5, 3, 6}};
  for (const Picture& picture : {grey, color}) {
    const Picture read = decode(data::png_bytes(picture));
    EXPECT_EQ(read.size.channels, picture.size.channels);
    EXPECT_EQ(read.size.height, picture.size.height);
    EXPECT_EQ(read.pixels, picture.pixels);
  }
}

TEST(Png, TransparencyIsDropped) {
  EXPECT_EQ(decode(png_bytes(1, 2, 2, {100, 0, 200, 255})).pixels, (Bytes{100, 200}));
  EXPECT_EQ(decode(png_bytes(1, 1, 4, {10, 20, 30, 0})).pixels, (Bytes{10, 20, 30}));
}

TEST(Png, SixteenBitsAreRoundedToEight) {
  // 0x0180 is 384 of 65535: 1.49 of 255.
  EXPECT_EQ(decode(png_bytes(1, 3, 1, {0x01, 0x80, 0xFF, 0xFF, 0x80, 0x80}, 16)).pixels, (Bytes{1, 255, 128}));
}

TEST(Png, DamageIsNamed) {
  const Bytes whole = png_bytes(2, 3, 1, {1, 2, 3, 4, 5, 6});
  expect_error<UserError>([&] { decode(Bytes(whole.begin(), whole.begin() + 20)); }, {"file", "no header"});
  expect_error<UserError>([&] { decode(Bytes(whole.begin(), whole.end() - 30)); }, {"file", "damaged PNG"});
  expect_error<UserError>([&] { decode(png_bytes(200, 100, 1, Bytes(20'000))); }, {"file", "200x100", "10000"});
  expect_error<UserError>([&] { decode({'B', 'M'}); }, {"file", "neither a PNG nor a JPEG"});
  expect_error<UserError>([&] { decode({}); }, {"neither"});
}

TEST(Jpeg, ComesCloseToWhatWasEncoded) {
  Bytes grey(256), color;
  for (int i = 0; i < 256; ++i) {
    grey[static_cast<std::size_t>(i)] = static_cast<std::uint8_t>(i / 16 * 16);
    color.insert(color.end(), {static_cast<std::uint8_t>(i / 16 * 16), 128, 40});
  }
  for (const bool progressive : {false, true}) {
    const Picture from_grey = decode(jpeg_bytes(16, 16, grey, true, progressive));
    const Picture from_color = decode(jpeg_bytes(16, 16, color, false, progressive));
    EXPECT_EQ(from_grey.size.channels, 1);
    EXPECT_EQ(from_color.size.channels, 3);
    for (std::size_t i = 0; i < 256; ++i) {
      EXPECT_NEAR(from_grey.pixels[i], grey[i], 6);
      EXPECT_NEAR(from_color.pixels[i], color[3 * i], 8);
      EXPECT_NEAR(from_color.pixels[512 + i], 40, 8);
    }
  }
}

TEST(Jpeg, DamageIsNamed) {
  const Bytes whole = jpeg_bytes(64, 64, Bytes(64 * 64, 90), true, false);
  expect_error<UserError>([&] { decode(Bytes(whole.begin(), whole.begin() + 8)); }, {"file", "damaged"});
  expect_error<UserError>([&] { decode(Bytes(whole.begin(), whole.end() - 20)); }, {"file", "damaged JPEG"});
  expect_error<UserError>([&] { decode(jpeg_bytes(200, 100, Bytes(20'000), true, false)); }, {"200x100", "10000"});
}

TEST(WithChannels, GreyIsTheWeightedSumOfPillow) {
  const Picture grey = with_channels({{3, 1, 2}, {255, 10, 0, 200, 0, 30}}, 1);
  EXPECT_EQ(grey.pixels, (Bytes{76, (10 * 19595 + 200 * 38470 + 30 * 7471 + 32768) >> 16}));
  EXPECT_EQ(with_channels({{1, 1, 2}, {7, 9}}, 3).pixels, (Bytes{7, 9, 7, 9, 7, 9}));
}

}  // namespace
}  // namespace neurocuda::data
