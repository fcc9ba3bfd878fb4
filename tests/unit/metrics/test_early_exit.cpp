#include <gtest/gtest.h>

#include <cmath>

#include "neurocuda/metrics/early_exit.hpp"
#include "neurocuda/runtime/backends.hpp"
#include "support/expect_error.hpp"
#include "support/random_images.hpp"

namespace neurocuda {
namespace {

using namespace metrics;

/// Four images, three timesteps.
AnswersOverTime four_images() {
  AnswersOverTime answers{Tensor<std::int32_t>({4, 3}, {1, 1, 1, 0, 2, 2, 3, 3, 3, 0, 0, 1}),
                          Tensor<double>({4, 3}, {5, 6, 7, 1, 2, 3, 4, 4, 4, 2, 3, 1})};
  return answers;
}

TEST(EarlyExitMargin, IsTheSmallestThatLosesNoMoreThanAllowed) {
  // Without labels: image 1 changes its answer at t = 1 (its lead before is 1), image 3 at t = 2 (leads 2 and 3).
  EXPECT_DOUBLE_EQ(margin_for(four_images(), {}, 0.0), 4);   // image 3 must not stop at a lead of 3
  EXPECT_DOUBLE_EQ(margin_for(four_images(), {}, 0.25), 2);  // it may, but image 1 not at 1
  EXPECT_DOUBLE_EQ(margin_for(four_images(), {}, 0.5), 0);
  // With labels, image 3 is better off when it stops.
  const std::vector<data::Label> labels{1, 2, 3, 0};
  EXPECT_DOUBLE_EQ(margin_for(four_images(), labels, 0.0), 0);  // one lost, one won
  EXPECT_DOUBLE_EQ(margin_for(four_images(), {1, 2, 3, 1}, 0.25), 2);
}

TEST(EarlyExitMargin, LabelsHaveToFit) {
  testing::expect_error<UserError>([] { margin_for(four_images(), {1, 2}, 0.0); }, {"2 labels for 4 images"});
}

TEST(EarlyExitEvaluation, AgreesWithTheAnswersOverTime) {
  const auto program = testing::random_image_program(4);
  const auto dataset = testing::random_images(program, 25, 4);
  const auto executable = runtime::compile(program, "cpu");
  EvaluateOptions options;
  options.timesteps = 10;
  options.batch_size = 8;
  const AnswersOverTime answers = answers_over_time(*executable, dataset, options);
  ASSERT_EQ(answers.classes.shape(), (Shape{25, 10}));
  const auto whole = evaluate(*executable, dataset, options);
  for (std::int64_t i = 0; i < 25; ++i) {
    EXPECT_EQ(answers.classes[i * 10 + 9], whole.predictions[static_cast<std::size_t>(i)]);
  }
  const auto none = evaluate_early_exit(*executable, dataset, nullptr, whole.predictions, options);
  EXPECT_DOUBLE_EQ(none.mean_timesteps, 10);
  EXPECT_DOUBLE_EQ(none.same_answer, 1);
  EXPECT_DOUBLE_EQ(none.accuracy, whole.accuracy);
  const double margin = answers.leads[5 * 10 + 2];
  const runtime::MarginExit rule(program, margin);
  const auto early = evaluate_early_exit(*executable, dataset, &rule, whole.predictions, options);
  double timesteps = 0, same = 0;
  for (std::int64_t i = 0; i < 25; ++i) {
    std::int64_t t = 0;
    while (t < 9 && answers.leads[i * 10 + t] < margin) ++t;
    timesteps += static_cast<double>(t + 1) / 25;
    same += answers.classes[i * 10 + t] == answers.classes[i * 10 + 9] ? 1.0 / 25 : 0;
  }
  EXPECT_NEAR(early.mean_timesteps, timesteps, 1e-12);
  EXPECT_NEAR(early.same_answer, same, 1e-12);
  EXPECT_GT(early.images_per_second, 0);
  const runtime::ExactExit exact(program);
  EXPECT_DOUBLE_EQ(evaluate_early_exit(*executable, dataset, &exact, whole.predictions, options).same_answer, 1);
}

TEST(EarlyExitEvaluation, WithoutLabelsThereIsNoAccuracy) {
  const auto program = testing::random_image_program(4);
  auto dataset = testing::random_images(program, 5, 4);
  dataset.labels.clear();
  const auto executable = runtime::compile(program, "cpu");
  const auto answers = evaluate(*executable, dataset).predictions;
  EXPECT_TRUE(std::isnan(evaluate_early_exit(*executable, dataset, nullptr, answers).accuracy));
}

TEST(EarlyExitEvaluation, NeedsImages) {
  const auto program = testing::random_image_program(4);
  const auto executable = runtime::compile(program, "cpu");
  auto dataset = testing::random_images(program, 1, 4);
  dataset.images = Tensor<std::uint8_t>({0, 1, 1, 1});
  dataset.labels.clear();
  testing::expect_error<UserError>([&] { evaluate_early_exit(*executable, dataset, nullptr, {}); }, {"no images"});
}

}  // namespace
}  // namespace neurocuda
