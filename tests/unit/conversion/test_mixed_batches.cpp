#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "conversion/batches/mixed_batches.hpp"
#include "neurocuda/conversion/finetune.hpp"
#include "neurocuda/data/dataset.hpp"
#include "percentile_digits.hpp"
#include "support/expect_error.hpp"

namespace neurocuda::conversion {
namespace {

constexpr std::int64_t kClasses = 7, kImages = 64;

/// Every pixel of an image is its class.
data::Dataset classes_as_images() {
  data::Dataset dataset;
  dataset.name = "classes";
  dataset.classes = kClasses;
  dataset.values = Tensor<float>({kImages, 3, 4, 5});
  for (std::int64_t i = 0; i < kImages; ++i) {
    dataset.labels.push_back(i % kClasses);
    for (std::int64_t p = 0; p < 60; ++p) dataset.values[i * 60 + p] = static_cast<float>(i % kClasses);
  }
  return dataset;
}

/// Epochs of mixtures of those images.
class Mixtures : public ::testing::Test {
 protected:
  std::vector<DeviceBatch> epoch(const Mixing& mixing, std::uint64_t seed, std::int64_t number) const {
    data::LoaderOptions options;
    options.batch_size = 16;
    options.shuffle = true;
    const auto batches = mixed_batches(host_batches(dataset_, options, torch::kCPU), mixing, kClasses, seed);
    EXPECT_EQ(batches->batches(), kImages / 16);
    batches->start(number);
    std::vector<DeviceBatch> all;
    for (DeviceBatch batch; batches->next(batch);) all.push_back(batch);
    return all;
  }

  data::Dataset dataset_ = classes_as_images();
};

TEST_F(Mixtures, HaveTheSharesOfTheirImagesAsLabels) {
  std::int64_t mixed = 0;
  for (const DeviceBatch& batch : epoch({.mixup = 1}, 3, 0)) {
    ASSERT_EQ(batch.labels.sizes(), (std::vector<std::int64_t>{16, kClasses}));
    EXPECT_TRUE(batch.images.is_contiguous(torch::MemoryFormat::ChannelsLast));
    const auto mean_class = batch.labels.mv(torch::arange(kClasses, torch::kFloat32)).view({16, 1, 1, 1});
    EXPECT_TRUE(torch::allclose(batch.images, mean_class.expand({16, 3, 4, 5}), 0, 1e-5));
    EXPECT_TRUE(torch::allclose(batch.labels.sum(1), torch::ones(16)));
    EXPECT_TRUE(batch.labels.ge(0).all().item<bool>());
    mixed += batch.labels.amax(1).lt(0.999).sum().item<std::int64_t>();
  }
  EXPECT_GT(mixed, kImages / 2);
}

TEST_F(Mixtures, OfBoxesHaveTheirAreasAsLabels) {
  for (const DeviceBatch& batch : epoch({.cutmix = 1}, 3, 0)) {
    const auto mean_class = batch.labels.mv(torch::arange(kClasses, torch::kFloat32));
    EXPECT_TRUE(torch::allclose(batch.images.mean({1, 2, 3}), mean_class, 0, 1e-4));
    EXPECT_TRUE(torch::equal(batch.images, batch.images.round()));  // no pixel is a mixture
    EXPECT_GT(batch.labels.amax(1).lt(0.999).sum().item<std::int64_t>(), 4);
  }
}

TEST_F(Mixtures, GoOneOfBothWaysPerBatch) {
  int boxes = 0, batches = 0;
  for (std::int64_t number = 0; number < 10; ++number) {
    for (const DeviceBatch& batch : epoch({.mixup = 1, .cutmix = 1}, 1, number)) {
      boxes += torch::equal(batch.images, batch.images.round());
      ++batches;
    }
  }
  EXPECT_EQ(batches, 40);
  EXPECT_GT(boxes, 10);
  EXPECT_LT(boxes, 30);
}

TEST_F(Mixtures, AreAFunctionOfSeedAndEpoch) {
  const auto first = epoch({.mixup = 0.5}, 3, 1), again = epoch({.mixup = 0.5}, 3, 1);
  ASSERT_EQ(first.size(), again.size());
  for (std::size_t i = 0; i < first.size(); ++i) {
    EXPECT_TRUE(torch::equal(first[i].images, again[i].images));
    EXPECT_TRUE(torch::equal(first[i].labels, again[i].labels));
  }
  EXPECT_FALSE(torch::equal(first[0].labels, epoch({.mixup = 0.5}, 3, 2)[0].labels));
  EXPECT_FALSE(torch::equal(first[0].labels, epoch({.mixup = 0.5}, 4, 1)[0].labels));
}

TEST_F(Mixtures, AreNearerToOneImageTheSmallerAlphaIs) {
  const auto purity = [&](double alpha) {
    double sum = 0;
    for (std::int64_t number = 0; number < 10; ++number)
      for (const DeviceBatch& batch : epoch({.mixup = alpha}, 1, number))
        sum += batch.labels.amax(1).mean().item<double>();
    return sum / 40;
  };
  // Of Beta(1, 1) the larger share is 3/4 in the mean; a partner of the same class takes nothing away.
  const double uniform = 0.75 + 0.25 / kClasses;
  EXPECT_NEAR(purity(1), uniform, 0.03);
  EXPECT_GT(purity(0.1), uniform + 0.1);
  EXPECT_EQ(purity(1e-300), 1);
}

TEST_F(Mixtures, EndBeforeThePlainEpochs) {
  const auto type = [&](std::int64_t plain_epochs, std::int64_t number) {
    return epoch({.cutmix = 1, .plain_epochs = plain_epochs, .epochs = 5}, 3, number)[0].labels.scalar_type();
  };
  EXPECT_EQ(type(2, 2), torch::kFloat32);
  EXPECT_EQ(type(2, 3), torch::kInt64);
  EXPECT_EQ(type(2, 4), torch::kInt64);
  EXPECT_EQ(type(0, 4), torch::kFloat32);
  EXPECT_EQ(type(9, 0), torch::kInt64);  // more than there are: all
  const auto mixed = epoch({.cutmix = 1}, 3, 2), begun = epoch({.cutmix = 1, .plain_epochs = 2, .epochs = 5}, 3, 2);
  EXPECT_TRUE(torch::equal(mixed[0].images, begun[0].images));
  const auto plain = epoch({}, 3, 4), ended = epoch({.cutmix = 1, .plain_epochs = 2, .epochs = 5}, 3, 4);
  EXPECT_TRUE(torch::equal(plain[0].images, ended[0].images));
  EXPECT_TRUE(torch::equal(plain[0].labels, ended[0].labels));
  testing::expect_error<UserError>([&] { type(-1, 0); }, {"--plain-epochs", "-1"});
}

TEST_F(Mixtures, AreTheBatchesThemselvesWithoutAlpha) {
  for (const DeviceBatch& batch : epoch({}, 3, 0)) EXPECT_EQ(batch.labels.scalar_type(), torch::kInt64);
  for (const double alpha : {-0.5, 1.5}) {
    const std::string value = std::to_string(alpha).substr(0, 3);
    testing::expect_error<UserError>([&] { epoch({.mixup = alpha}, 0, 0); }, {"--mixup", value});
    testing::expect_error<UserError>([&] { epoch({.cutmix = alpha}, 0, 0); }, {"--cutmix", value});
  }
}

TEST(MixedBatches, AreWhatCalibrationAndFineTuningLearnFrom) {
  const data::Dataset digits = data::load_digits().train;
  const auto calibrated = [&](const Mixing& mixing) {
    CalibrateOptions o;
    o.epochs = 2;
    o.mixup = mixing.mixup;
    o.cutmix = mixing.cutmix;
    o.augmentation = {1, false, 0};
    o.compute.threads = 1;
    return calibrate(testing::trained_digits(), digits, o);
  };
  const auto tuned = [&](const Mixing& mixing) {
    FinetuneOptions o;
    o.epochs = 1;
    o.lower.timesteps = 3;
    o.batch_size = 64;
    o.mixup = mixing.mixup;
    o.cutmix = mixing.cutmix;
    o.augmentation = {1, false, 0};
    o.compute.threads = 1;
    return finetune(testing::percentile_digits(), testing::trained_digits(), digits, o);
  };
  const double plain = calibrated({}).epochs.back().loss, plain_tuned = tuned({}).epochs[0].loss;
  for (const Mixing& mixing : {Mixing{.mixup = 1}, Mixing{.cutmix = 1}}) {
    const CalibrateResult mixed = calibrated(mixing);
    EXPECT_GT(mixed.epochs.back().loss, plain);  // entropy of the labels
    EXPECT_GT(*std::max_element(mixed.held_out_accuracy.begin(), mixed.held_out_accuracy.end()), 0.9);
    EXPECT_GT(tuned(mixing).epochs[0].loss, plain_tuned);
  }
}

}  // namespace
}  // namespace neurocuda::conversion
