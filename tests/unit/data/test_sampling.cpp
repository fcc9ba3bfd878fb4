#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <set>

#include "neurocuda/base/error.hpp"
#include "neurocuda/data/at_most.hpp"
#include "neurocuda/data/dataset.hpp"
#include "support/expect_error.hpp"

namespace neurocuda::data {
namespace {

using testing::expect_error;

/// 100 one-pixel images, image i with the pixel i; labels 0, 1, 2 in the proportion 60 : 30 : 10.
Dataset numbered() {
  Dataset dataset;
  dataset.name = "numbered";
  dataset.classes = 3;
  dataset.mean = {0.5F};
  dataset.stddev = {0.25F};
  dataset.images = Tensor<std::uint8_t>({100, 1, 1, 1});
  for (int i = 0; i < 100; ++i) {
    dataset.images[i] = static_cast<std::uint8_t>(i);
    dataset.labels.push_back(static_cast<Label>(i % 10 < 6 ? 0 : i % 10 < 9 ? 1 : 2));
  }
  return dataset;
}

std::vector<int> pixels(const Dataset& dataset) {
  return {dataset.images.values().begin(), dataset.images.values().end()};
}

void expect_consistent(const Dataset& part) {
  const Dataset whole = numbered();
  ASSERT_EQ(part.images.extent(0), part.size());
  for (std::int64_t i = 0; i < part.size(); ++i) {
    EXPECT_EQ(part.labels[static_cast<std::size_t>(i)], whole.labels[part.images[i]]);
  }
  EXPECT_EQ(part.mean, whole.mean);
  EXPECT_EQ(part.stddev, whole.stddev);
  EXPECT_EQ(part.classes, whole.classes);
}

TEST(Head, TakesTheFirstAndSaysSo) {
  const Dataset part = head(numbered(), 3);
  EXPECT_EQ(pixels(part), (std::vector<int>{0, 1, 2}));
  EXPECT_EQ(part.name, "numbered (first 3)");
  expect_consistent(part);
  EXPECT_EQ(head(numbered(), 0).size(), 100);
  EXPECT_EQ(head(numbered(), 500).name, "numbered");
  expect_error<UserError>([] { head(numbered(), -1); }, {"numbered", "-1"});
}

TEST(Split, IsAClassBalancedPartition) {
  const auto [kept, held_out] = split(numbered(), 0.2, 7);
  EXPECT_EQ(kept.size(), 80);
  EXPECT_EQ(held_out.size(), 20);
  const auto count = [](const Dataset& d, int label) { return std::count(d.labels.begin(), d.labels.end(), label); };
  EXPECT_EQ(count(held_out, 0), 12);
  EXPECT_EQ(count(held_out, 1), 6);
  EXPECT_EQ(count(held_out, 2), 2);
  std::multiset<int> all;
  for (const auto* part : {&kept, &held_out}) {
    expect_consistent(*part);
    for (const int pixel : pixels(*part)) all.insert(pixel);
  }
  EXPECT_EQ(all.size(), 100U);
  EXPECT_EQ(std::set<int>(all.begin(), all.end()).size(), 100U);
}

TEST(Split, DependsOnTheSeedAlone) {
  EXPECT_EQ(pixels(split(numbered(), 0.3, 1).second), pixels(split(numbered(), 0.3, 1).second));
  EXPECT_NE(pixels(split(numbered(), 0.3, 1).second), pixels(split(numbered(), 0.3, 2).second));
}

TEST(Split, TakesTheWholeRangeOfFractions) {
  EXPECT_EQ(split(numbered(), 0.0, 0).second.images.shape(), (Shape{0, 1, 1, 1}));
  EXPECT_EQ(split(numbered(), 1.0, 0).first.size(), 0);
  for (const double bad : {-0.1, 1.1, std::nan("")}) {
    expect_error<UserError>([&] { split(numbered(), bad, 0); }, {"numbered", "fraction"});
  }
}

TEST(Sample, DrawsWithoutReplacement) {
  const Dataset part = sample(numbered(), 40, 3);
  expect_consistent(part);
  const auto drawn = pixels(part);
  EXPECT_EQ(std::set<int>(drawn.begin(), drawn.end()).size(), 40U);
  EXPECT_FALSE(std::is_sorted(drawn.begin(), drawn.end()));
  EXPECT_EQ(drawn, pixels(sample(numbered(), 40, 3)));
  EXPECT_NE(drawn, pixels(sample(numbered(), 40, 4)));
  EXPECT_EQ(sample(numbered(), 0, 3).size(), 100);
  expect_error<UserError>([] { sample(numbered(), -5, 0); }, {"-5"});
}

TEST(Sampling, AtMostDrawsOnlyWhereSomeAreLeftOut) {
  const Dataset all = load_digits().test;
  for (const std::int64_t count : {std::int64_t{0}, all.size(), all.size() + 1}) {
    EXPECT_EQ(at_most(all, count, 3).labels, all.labels) << count;
    EXPECT_EQ(at_most(all, count, 3).name, all.name) << count;
  }
  EXPECT_EQ(at_most(all, 20, 3).labels, sample(all, 20, 3).labels);
}

}  // namespace
}  // namespace neurocuda::data
