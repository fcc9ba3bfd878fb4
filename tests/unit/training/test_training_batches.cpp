#include <gtest/gtest.h>

#include "neurocuda/base/random.hpp"
#include "neurocuda/data/dataset.hpp"
#include "neurocuda/training/training_batches.hpp"

namespace neurocuda::training {
namespace {

data::Dataset random_pixels(std::int64_t images) {
  data::Dataset dataset;
  dataset.name = "random pixels";
  dataset.classes = 7;
  dataset.mean = {0.4F, 0.5F, 0.6F};
  dataset.stddev = {0.2F, 0.25F, 0.3F};
  dataset.images = Tensor<std::uint8_t>({images, 3, 9, 11});
  Random random(5);
  for (std::uint8_t& pixel : dataset.images.values()) pixel = static_cast<std::uint8_t>(random.below(256));
  for (std::int64_t i = 0; i < images; ++i) dataset.labels.push_back(random.below(7));
  return dataset;
}

data::Dataset random_values(std::int64_t images) {
  data::Dataset dataset = random_pixels(images);
  dataset.values = Tensor<float>(dataset.images.shape());
  for (std::int64_t i = 0; i < dataset.values.size(); ++i)
    dataset.values[i] = static_cast<float>(dataset.images[i]) / 100.0F - 1.0F;
  dataset.images = {};
  return dataset;
}

void expect_equal_epochs(TrainingBatches& host, TrainingBatches& resident) {
  EXPECT_EQ(host.batches(), resident.batches());
  for (const std::int64_t epoch : {0, 3}) {
    host.start(epoch);
    resident.start(epoch);
    DeviceBatch expected, actual;
    std::int64_t seen = 0;
    while (host.next(expected)) {
      ASSERT_TRUE(resident.next(actual));
      EXPECT_TRUE(torch::equal(actual.labels, expected.labels));
      EXPECT_TRUE(torch::equal(actual.images, expected.images)) << "epoch " << epoch << ", batch " << seen;
      EXPECT_TRUE(actual.images.is_contiguous(torch::MemoryFormat::ChannelsLast));
      ++seen;
    }
    EXPECT_FALSE(resident.next(actual));
    EXPECT_EQ(seen, host.batches());
  }
}

TEST(ResidentBatches, AreBitForBitThoseOfTheHost) {
  for (const data::Dataset& dataset : {random_pixels(50), random_values(50)}) {
    for (const data::Augmentation& augmentation :
         {data::Augmentation{}, data::Augmentation{4, true, 0}, data::Augmentation{2, true, 5}}) {
      data::LoaderOptions options;
      options.batch_size = 16;
      options.shuffle = true;
      options.seed = 11;
      options.augmentation = augmentation;
      for (const bool drop_last : {true, false}) {
        options.drop_last = drop_last;
        const auto host = host_batches(dataset, options, torch::kCPU);
        const auto resident = resident_batches(dataset, options, torch::kCPU);
        expect_equal_epochs(*host, *resident);
      }
    }
  }
}

TEST(ResidentBatches, TakeTheNormalisationThatIsGiven) {
  const auto dataset = random_pixels(20);
  data::LoaderOptions options;
  options.batch_size = 8;
  options.mean = {0.1F, 0.2F, 0.3F};
  options.stddev = {0.5F, 0.6F, 0.7F};
  const auto host = host_batches(dataset, options, torch::kCPU);
  const auto resident = resident_batches(dataset, options, torch::kCPU);
  expect_equal_epochs(*host, *resident);
}

TEST(TrainingBatches, AreTheSameOnAGpu) {
  if (!torch::cuda::is_available()) GTEST_SKIP() << "no CUDA device";
  const auto dataset = random_pixels(50);
  data::LoaderOptions options;
  options.batch_size = 16;
  options.shuffle = true;
  options.augmentation = {2, true, 5};
  const auto host = host_batches(dataset, options, torch::kCPU);
  const auto device = training_batches(dataset, options, torch::Device(torch::kCUDA, 0));
  DeviceBatch expected, actual;
  while (host->next(expected)) {
    ASSERT_TRUE(device->next(actual));
    EXPECT_TRUE(actual.images.is_cuda());
    EXPECT_TRUE(torch::equal(actual.images.cpu(), expected.images));
  }
}

}  // namespace
}  // namespace neurocuda::training
