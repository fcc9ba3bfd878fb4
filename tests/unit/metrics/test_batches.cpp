#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "neurocuda/metrics/evaluation.hpp"
#include "neurocuda/runtime/backends.hpp"
#include "support/expect_error.hpp"
#include "support/random_images.hpp"

namespace neurocuda::metrics {
namespace {

constexpr std::int64_t kImages = 7;

class Batches : public ::testing::Test {
 protected:
  program::Program program = testing::random_image_program(20);
  data::Dataset dataset = testing::random_images(program, kImages, 1);
  std::unique_ptr<runtime::Executable> executable = runtime::compile(program, "cpu");

  void add(BatchEvaluation& evaluation, std::int64_t begin, std::int64_t end, bool labelled = true) const {
    const auto images = data::normalized(dataset, begin, end, dataset.mean, dataset.stddev);
    std::vector<std::int64_t> labels;
    if (labelled) labels.assign(dataset.labels.begin() + begin, dataset.labels.begin() + end);
    evaluation.add(images.view(), labels);
  }
};

TEST_F(Batches, GiveWhatTheWholeDataSetGives) {
  for (const auto mode : {program::Mode::synchronous, program::Mode::exact}) {
    const EvaluateOptions options{.batch_size = 2, .mode = mode};
    const auto expected = evaluate_timesteps(*executable, dataset, {4, 1}, options);
    BatchEvaluation evaluation(*executable, {4, 1}, options);
    add(evaluation, 0, 5);
    add(evaluation, 5, kImages);
    const auto actual = evaluation.result("batches");
    ASSERT_EQ(actual.size(), 2U);
    for (std::size_t i = 0; i < 2; ++i) {
      EXPECT_EQ(actual[i].timesteps, expected[i].timesteps);
      EXPECT_EQ(actual[i].predictions, expected[i].predictions);
      EXPECT_EQ(actual[i].correct, expected[i].correct);
      EXPECT_DOUBLE_EQ(actual[i].cross_entropy, expected[i].cross_entropy);
      EXPECT_EQ(actual[i].sparsity, expected[i].sparsity);
      EXPECT_EQ(actual[i].synops_per_image, expected[i].synops_per_image);
      EXPECT_EQ(actual[i].mode, expected[i].mode);
      EXPECT_EQ(actual[i].data, "batches");
    }
  }
}

TEST_F(Batches, WithoutLabelsHaveNoAccuracy) {
  BatchEvaluation evaluation(*executable, {2});
  add(evaluation, 0, 3);
  EXPECT_FALSE(std::isnan(evaluation.result("").front().accuracy));
  add(evaluation, 3, 4, false);
  EXPECT_TRUE(std::isnan(evaluation.result("").front().accuracy));
  EXPECT_TRUE(std::isnan(evaluation.result("").front().cross_entropy));
  EXPECT_EQ(evaluation.images(), 4);
}

TEST_F(Batches, NegativeLabelsAreRefused) {
  BatchEvaluation evaluation(*executable, {2});
  const auto images = data::normalized(dataset, 0, 2, dataset.mean, dataset.stddev);
  testing::expect_error<UserError>(
      [&] {
        evaluation.add(images.view(), std::vector<std::int64_t>{0, -1});
      },
      {"label -1", "count from 0"});
  EXPECT_EQ(evaluation.images(), 0);
}

TEST_F(Batches, ClassesThatTheNetworkLacksAreWrongWithoutBound) {
  BatchEvaluation evaluation(*executable, {2});
  const Tensor<float> image = data::normalized(dataset, 0, 1, dataset.mean, dataset.stddev);
  const std::int64_t label = 1000;
  evaluation.add(image.view(), {&label, 1});
  EXPECT_EQ(evaluation.result("").front().correct, 0);
  EXPECT_TRUE(std::isinf(evaluation.result("").front().cross_entropy));
}

TEST_F(Batches, AreRefusedWhenTheyDoNotFit) {
  testing::expect_error<UserError>([&] { BatchEvaluation(*executable, {}); }, {"no timesteps"});
  BatchEvaluation evaluation(*executable, {2});
  testing::expect_error<UserError>([&] { evaluation.result("nothing"); }, {"nothing has no images"});
  const auto images = data::normalized(dataset, 0, 2, dataset.mean, dataset.stddev);
  testing::expect_error<UserError>([&] { evaluation.add(images.view(), std::vector<std::int64_t>{1}); },
                                   {"1 labels", "2 images"});
}

}  // namespace
}  // namespace neurocuda::metrics
