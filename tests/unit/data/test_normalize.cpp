#include <gtest/gtest.h>

#include <limits>

#include "neurocuda/base/error.hpp"
#include "neurocuda/data/dataset.hpp"
#include "support/expect_error.hpp"

namespace neurocuda::data {
namespace {

using testing::expect_error;

/// Two images of two channels and 1x3 pixels.
Dataset small() {
  Dataset dataset;
  dataset.name = "small";
  dataset.images = Tensor<std::uint8_t>({2, 2, 1, 3}, {0, 255, 51, 102, 1, 2, 3, 4, 5, 6, 7, 8});
  dataset.labels = {0, 1};
  return dataset;
}

TEST(Normalized, AppliesMeanAndStddevPerChannel) {
  const Tensor<float> images = normalized(small(), 0, 2, {0.2F, 0.4F}, {0.5F, 2.0F});
  EXPECT_EQ(images.shape(), (Shape{2, 2, 1, 3}));
  EXPECT_FLOAT_EQ(images[0], -0.4F);
  EXPECT_FLOAT_EQ(images[1], 1.6F);
  EXPECT_NEAR(images[2], 0.0F, 1e-7);
  EXPECT_NEAR(images[3], 0.0F, 1e-7);
  EXPECT_FLOAT_EQ(images[9], (6.0F / 255.0F - 0.4F) / 2.0F);
}

TEST(Normalized, TakesARange) {
  const Tensor<float> second = normalized(small(), 1, 2, {}, {});
  EXPECT_EQ(second.shape(), (Shape{1, 2, 1, 3}));
  EXPECT_FLOAT_EQ(second[0], 3.0F / 255.0F);
  EXPECT_EQ(normalized(small(), 1, 1, {}, {}).size(), 0);
}

TEST(Normalized, RefusesWhatDoesNotFit) {
  expect_error<UserError>([] { normalized(small(), 0, 3, {}, {}); }, {"small", "0 to 3", "2"});
  expect_error<UserError>([] { normalized(small(), -1, 1, {}, {}); }, {"-1"});
  expect_error<UserError>([] { normalized(small(), 0, 2, {0.5F}, {0.5F}); }, {"1 means", "2 channels"});
  expect_error<UserError>([] { normalized(small(), 0, 2, {0, 0}, {1, 0}); }, {"standard deviation 0"});
  const float nan = std::numeric_limits<float>::quiet_NaN();
  expect_error<UserError>([&] { normalized(small(), 0, 2, {nan, 0}, {1, 1}); }, {"mean nan"});
}

TEST(NormalizedFor, PrefersTheNetworksNormalisation) {
  Dataset dataset = small();
  dataset.mean = {0.1F, 0.2F};
  dataset.stddev = {0.5F, 0.6F};
  const std::vector<float> mean{0.3F, 0.4F}, stddev{0.7F, 0.8F};
  EXPECT_EQ(normalized_for({2, 1, 3}, dataset, 0, 2, mean, stddev), normalized(dataset, 0, 2, mean, stddev));
  EXPECT_EQ(normalized_for({2, 1, 3}, dataset, 0, 2, {}, {}), normalized(dataset, 0, 2, dataset.mean, dataset.stddev));
}

TEST(NormalizedFor, NamesBothShapesWhenTheyDiffer) {
  expect_error<UserError>(
      [] {
        normalized_for({1, 8, 8}, small(), 0, 2, {}, {});
      },
      {"small", "(2, 1, 3)", "(1, 8, 8)"});
}

}  // namespace
}  // namespace neurocuda::data
