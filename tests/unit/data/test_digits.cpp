#include <gtest/gtest.h>

#include <array>
#include <cmath>

#include "neurocuda/data/dataset.hpp"

namespace neurocuda::data {
namespace {

std::array<int, 10> class_counts(const Dataset& dataset) {
  std::array<int, 10> counts{};
  for (const auto label : dataset.labels) ++counts.at(label);
  return counts;
}

TEST(Digits, HasTheKnownCounts) {
  const Splits digits = load_digits();
  EXPECT_EQ(digits.train.images.shape(), (Shape{1438, 1, 8, 8}));
  EXPECT_EQ(digits.test.images.shape(), (Shape{359, 1, 8, 8}));
  EXPECT_EQ(digits.train.name, "UCI digits train");
  EXPECT_EQ(digits.test.name, "UCI digits test");
  // The class counts that the source states for its 1,797 images, and those of every fifth of them.
  const auto test = class_counts(digits.test);
  EXPECT_EQ(test, (std::array<int, 10>{27, 21, 34, 52, 34, 28, 31, 43, 47, 42}));
  auto all = class_counts(digits.train);
  for (std::size_t i = 0; i < all.size(); ++i) all[i] += test[i];
  EXPECT_EQ(all, (std::array<int, 10>{178, 182, 177, 183, 181, 182, 181, 179, 174, 180}));
}

TEST(Digits, FirstImageIsTheKnownZero) {
  const Dataset train = load_digits().train;
  EXPECT_EQ(train.labels[0], 0);
  const std::array<int, 16> rows{0, 0, 5, 13, 9, 1, 0, 0, 0, 0, 13, 15, 10, 15, 5, 0};
  for (std::size_t i = 0; i < rows.size(); ++i) {
    EXPECT_EQ(train.images[static_cast<std::int64_t>(i)], std::lround(rows[i] * 255.0 / 16.0)) << i;
  }
}

TEST(Digits, EveryFifthImageIsATestImage) {
  // The source lists 0..9 in order at its beginning: index 4 is a four, index 9 a nine.
  const Splits digits = load_digits();
  EXPECT_EQ(digits.test.labels[0], 4);
  EXPECT_EQ(digits.test.labels[1], 9);
  const std::vector<Label> first(digits.train.labels.begin(), digits.train.labels.begin() + 8);
  EXPECT_EQ(first, (std::vector<Label>{0, 1, 2, 3, 5, 6, 7, 8}));
}

TEST(Digits, NormalisationIsThatOfTheTrainingSplit) {
  const Splits digits = load_digits();
  double sum = 0, squares = 0;
  for (const auto pixel : digits.train.images.values()) {
    sum += pixel / 255.0;
    squares += (pixel / 255.0) * (pixel / 255.0);
  }
  const double count = static_cast<double>(digits.train.images.size());
  const double mean = sum / count;
  EXPECT_NEAR(digits.train.mean.at(0), mean, 1e-6);
  EXPECT_NEAR(digits.train.stddev.at(0), std::sqrt(squares / count - mean * mean), 1e-6);
  EXPECT_EQ(digits.test.mean, digits.train.mean);
  EXPECT_EQ(digits.test.stddev, digits.train.stddev);
}

}  // namespace
}  // namespace neurocuda::data
