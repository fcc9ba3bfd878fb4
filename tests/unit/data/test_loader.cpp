#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

#include "neurocuda/base/error.hpp"
#include "neurocuda/base/interrupt.hpp"
#include "neurocuda/data/loader.hpp"
#include "support/expect_error.hpp"

namespace neurocuda::data {
namespace {

using testing::expect_error;

constexpr Augmentation kAll{.crop_padding = 4, .flip = true, .cutout = 8};

/// Large enough that a batch is worth several threads.
Dataset textured(std::int64_t count = 100) {
  Dataset dataset;
  dataset.name = "textured";
  dataset.images = Tensor<std::uint8_t>({count, 3, 32, 32});
  for (std::int64_t i = 0; i < dataset.images.size(); ++i)
    dataset.images[i] = static_cast<std::uint8_t>(i * 2654435761U >> 13);
  for (std::int64_t i = 0; i < count; ++i) dataset.labels.push_back(static_cast<Label>(i % 10));
  dataset.mean = {0.5F, 0.4F, 0.3F};
  dataset.stddev = {0.25F, 0.2F, 0.3F};
  return dataset;
}

std::vector<Batch> epoch(const Dataset& dataset, const LoaderOptions& options, std::int64_t number) {
  Loader loader(dataset, options);
  loader.start(number);
  std::vector<Batch> batches;
  for (Batch batch; loader.next(batch);) batches.push_back(batch);
  EXPECT_EQ(static_cast<std::int64_t>(batches.size()), loader.batches());
  return batches;
}

void expect_equal(const std::vector<Batch>& a, const std::vector<Batch>& b) {
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    EXPECT_EQ(a[i].labels, b[i].labels);
    EXPECT_EQ(a[i].images, b[i].images);
  }
}

TEST(Loader, PlainBatchesAreTheNormalisedImagesInOrder) {
  const Dataset dataset = textured();
  const auto batches = epoch(dataset, {.batch_size = 32}, 0);
  ASSERT_EQ(batches.size(), 4U);
  EXPECT_EQ(batches[3].size(), 4);
  EXPECT_EQ(batches[3].images, normalized(dataset, 96, 100, dataset.mean, dataset.stddev));
  EXPECT_EQ(batches[1].images, normalized(dataset, 32, 64, dataset.mean, dataset.stddev));
  EXPECT_EQ(batches[1].labels[0], 2);
}

TEST(Loader, UsesTheNormalisationItIsGiven) {
  const Dataset dataset = textured(4);
  const std::vector<float> mean{0, 0, 0}, stddev{1, 1, 2};
  const auto batches = epoch(dataset, {.batch_size = 4, .mean = mean, .stddev = stddev}, 0);
  EXPECT_EQ(batches[0].images, normalized(dataset, 0, 4, mean, stddev));
}

TEST(Loader, DropLastLeavesOutTheShortBatch) {
  const Dataset dataset = textured();
  EXPECT_EQ(epoch(dataset, {.batch_size = 32, .drop_last = true}, 0).size(), 3U);
  EXPECT_EQ(epoch(dataset, {.batch_size = 25, .drop_last = true}, 0).size(), 4U);
  EXPECT_EQ(epoch(dataset, {.batch_size = 1000, .drop_last = true}, 0).size(), 0U);
}

TEST(Loader, ShuffleVisitsEveryImageOnce) {
  Dataset dataset = textured();
  std::iota(dataset.labels.begin(), dataset.labels.end(), Label{0});
  std::vector<std::int64_t> seen;
  for (const auto& batch : epoch(dataset, {.batch_size = 32, .shuffle = true, .seed = 3}, 0)) {
    const Tensor<float> expected =
        normalized(dataset, batch.labels[0], batch.labels[0] + 1, dataset.mean, dataset.stddev);
    EXPECT_TRUE(std::equal(expected.values().begin(), expected.values().end(), batch.images.values().begin()));
    seen.insert(seen.end(), batch.labels.begin(), batch.labels.end());
  }
  EXPECT_FALSE(std::is_sorted(seen.begin(), seen.end()));
  std::sort(seen.begin(), seen.end());
  for (std::int64_t i = 0; i < 100; ++i) EXPECT_EQ(seen[static_cast<std::size_t>(i)], i);
}

TEST(Loader, BatchesDoNotDependOnTheNumberOfThreads) {
  const Dataset dataset = textured();
  const LoaderOptions one{.batch_size = 64, .shuffle = true, .seed = 11, .threads = 1, .augmentation = kAll};
  LoaderOptions many = one;
  many.threads = 5;
  expect_equal(epoch(dataset, one, 2), epoch(dataset, many, 2));
}

TEST(Loader, AnImageIsAugmentedTheSameWayInEveryBatchSize) {
  const Dataset dataset = textured();
  const auto whole = epoch(dataset, {.batch_size = 100, .seed = 1, .augmentation = kAll}, 5);
  const auto parts = epoch(dataset, {.batch_size = 10, .seed = 1, .augmentation = kAll}, 5);
  const auto first = whole[0].images.view().range(30, 40);
  EXPECT_TRUE(std::equal(first.values().begin(), first.values().end(), parts[3].images.values().begin()));
}

TEST(Loader, EpochAndSeedChangeOrderAndAugmentation) {
  const Dataset dataset = textured();
  const LoaderOptions options{.batch_size = 100, .seed = 1, .augmentation = kAll};
  const auto base = epoch(dataset, options, 0)[0].images;
  EXPECT_NE(base, epoch(dataset, options, 1)[0].images);
  LoaderOptions other = options;
  other.seed = 2;
  EXPECT_NE(base, epoch(dataset, other, 0)[0].images);
  const LoaderOptions shuffled{.batch_size = 100, .shuffle = true};
  EXPECT_NE(epoch(dataset, shuffled, 0)[0].images, epoch(dataset, shuffled, 1)[0].images);
}

TEST(Loader, StartRepeatsAnEpoch) {
  const Dataset dataset = textured();
  Loader loader(dataset, {.batch_size = 50, .shuffle = true, .seed = 9, .augmentation = kAll});
  Batch first, again;
  ASSERT_TRUE(loader.next(first));
  loader.start(1);
  loader.start(0);
  ASSERT_TRUE(loader.next(again));
  expect_equal({first}, {again});
}

TEST(Loader, RefusesBadOptions) {
  const Dataset dataset = textured(2);
  expect_error<UserError>([&] { Loader(dataset, {.batch_size = 0}); }, {"batch size 0"});
  expect_error<UserError>([&] { Loader(dataset, {.augmentation = {.crop_padding = -1}}); }, {"crop padding -1"});
  expect_error<UserError>([&] { Loader(dataset, {.augmentation = {.cutout = -3}}); }, {"cutout -3"});
  expect_error<UserError>([&] { Loader(dataset, {.mean = {0.5F}, .stddev = {0.5F}}); }, {"3 channels"});
  expect_error<UserError>([&] { Loader(split(dataset, 0.0, 0).second, {}); }, {"textured", "no images"});
}

TEST(Loader, StopsWhenInterrupted) {
  const Dataset dataset = textured(4);
  Loader loader(dataset, {.batch_size = 2});
  Batch batch;
  request_interrupt();
  EXPECT_THROW(loader.next(batch), Interrupted);
  clear_interrupt();
  EXPECT_TRUE(loader.next(batch));
}

}  // namespace
}  // namespace neurocuda::data
