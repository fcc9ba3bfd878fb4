#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "neurocuda/data/dataset.hpp"
#include "neurocuda/training/short_epochs.hpp"

namespace neurocuda::training {
namespace {

constexpr std::int64_t kImages = 100, kBatch = 16;

/// Image i is one pixel of value i.
data::Dataset numbered() {
  data::Dataset dataset;
  dataset.name = "numbered";
  dataset.classes = 2;
  dataset.values = Tensor<float>({kImages, 1, 1, 1});
  for (std::int64_t i = 0; i < kImages; ++i) {
    dataset.values[i] = static_cast<float>(i);
    dataset.labels.push_back(i % 2);
  }
  return dataset;
}

class ShortEpochs : public ::testing::Test {
 protected:
  std::unique_ptr<TrainingBatches> batches(std::int64_t images) const {
    data::LoaderOptions options;
    options.batch_size = kBatch;
    options.shuffle = true;
    return short_epochs(host_batches(dataset_, options, torch::kCPU), images, kBatch);
  }
  static std::set<float> epoch(TrainingBatches& batches, std::int64_t number) {
    std::set<float> seen;
    batches.start(number);
    for (DeviceBatch batch; batches.next(batch);)
      for (std::int64_t i = 0; i < batch.images.size(0); ++i) seen.insert(batch.images[i].item<float>());
    return seen;
  }

  data::Dataset dataset_ = numbered();
};

TEST_F(ShortEpochs, EndAfterWholeBatchesAndBringOtherImages) {
  const auto some = batches(50);
  EXPECT_EQ(some->batches(), 3);
  const auto first = epoch(*some, 0), second = epoch(*some, 1);
  EXPECT_EQ(first.size(), 48U);
  EXPECT_EQ(second.size(), 48U);
  EXPECT_NE(first, second);
  EXPECT_EQ(epoch(*some, 0), first);
}

TEST_F(ShortEpochs, AreNeverEmptyAndNeverLongerThanTheData) {
  EXPECT_EQ(epoch(*batches(3), 0).size(), 16U);
  EXPECT_EQ(batches(1000)->batches(), batches(0)->batches());
  for (const std::int64_t images : {0, 1000}) EXPECT_EQ(epoch(*batches(images), 0).size(), 100U);
}

}  // namespace
}  // namespace neurocuda::training
