#include <gtest/gtest.h>

#include "neurocuda/training/score.hpp"

namespace neurocuda::training {
namespace {

/// A network whose float form is right on `seen` of its training images. On so many, chance plays no part.
Score score(double accuracy, double seen, double held_out, std::int64_t images = std::int64_t{1} << 50) {
  return {accuracy, 1 - accuracy, 0, Fit{seen, held_out, 1 - seen, 1 - held_out, images}};
}

TEST(Score, TheMoreAccurateIsBetterThenTheSurer) {
  EXPECT_TRUE(better({0.9, 0.5}, {0.8, 0.1}));
  EXPECT_TRUE(better({0.9, 0.4}, {0.9, 0.5}));
  EXPECT_FALSE(better({0.9, 0.5}, {0.9, 0.5}));
}

TEST(Score, WithSynapticOperationsTheSumDecides) {
  EXPECT_TRUE(better({0.8, 0.5, 0.1}, {0.9, 0.4, 0.3}));
  EXPECT_FALSE(better({0.8, 0.5, 0.3}, {0.9, 0.4, 0.3}));
}

TEST(Score, TheEarliestBestEpochIsKept) {
  EXPECT_EQ(choose_epoch({{0.5, 1}}), 0);
  EXPECT_EQ(choose_epoch({{0.5, 1}, {0.7, 1}, {0.7, 1}, {0.6, 1}}), 1);
  EXPECT_EQ(choose_epoch({{0.7, 1}, {0.7, 1}}), 0) << "training did not help";
}

TEST(Score, AmongTiedAccuraciesTheSurerEpochIsKept) {
  // At 90 % of 100 images the standard error is 3 points.
  const std::vector<Score> scores = {{0.80, 1}, {0.90, 0.5}, {0.88, 0.4}, {0.86, 0.1}, {0.89, 0.45}};
  EXPECT_EQ(best_trained(scores), 1);
  EXPECT_EQ(best_trained(scores, 100), 2) << "86 % is worse by more than chance";
  EXPECT_EQ(choose_epoch(scores, 100), 2);
  EXPECT_EQ(best_trained(scores, 1'000'000), 1) << "nothing is chance on so many images";
}

TEST(Score, AnEpochThatFallsBehindTheTiedOnesIsNotKept) {
  EXPECT_EQ(best_trained({{0.5, 1}, {0.80, 0.1}, {0.90, 0.5}}, 100), 2);
  EXPECT_EQ(best_trained({{0.5, 1}, {0.80, 0.1}, {0.90, 0.5}, {0.88, 0.3}}, 100), 3);
}

TEST(Score, AStartThatIsTiedStaysUnlessTheEpochIsSurer) {
  EXPECT_EQ(choose_epoch({{0.89, 0.4}, {0.90, 0.5}}, 100), 0);
  EXPECT_EQ(choose_epoch({{0.90, 0.5}, {0.89, 0.4}}, 100), 1);
  EXPECT_EQ(choose_epoch({{0.95, 0.9}, {0.90, 0.4}}, 100), 0) << "better by more than chance";
  EXPECT_EQ(choose_epoch({{0.80, 0.1}, {0.90, 0.5}}, 100), 1);
}

TEST(Score, WithSynapticOperationsNothingIsTied) {
  EXPECT_EQ(best_trained({{0.5, 1, 0.1}, {0.90, 0.5, 0.1}, {0.80, 0.2, 0.1}}, 100), 2);
}

TEST(Score, AStartThatKnowsTheHeldOutImagesHasAHandicap) {
  const std::vector<Score> scores = {score(0.90, 0.92, 0.92), score(0.84, 0.88, 0.85), score(0.86, 0.91, 0.865)};
  EXPECT_NEAR(handicapped_start(scores).accuracy, 0.90 - 0.045, 1e-6) << "the second epoch is nearest to 0.92";
  EXPECT_NEAR(handicapped_start(scores).cross_entropy, 0.10 + 0.045, 1e-6);
  EXPECT_EQ(choose_epoch(scores), 2);
}

TEST(Score, OverfittingAfterTheNearestEpochDoesNotCount) {
  const std::vector<Score> scores = {score(0.90, 0.92, 0.92), score(0.84, 0.91, 0.85), score(0.82, 1.0, 0.83)};
  EXPECT_NEAR(handicapped_start(scores).accuracy, 0.90 - 0.06, 1e-6);
  EXPECT_EQ(choose_epoch(scores), 0);
}

TEST(Score, TheHandicapIsLessOneStandardError) {
  // sqrt((0.9 * 0.1 + 0.8 * 0.2) / 2500) = 0.01
  const std::vector<Score> scores = {score(0.90, 0.90, 0.90, 2500), score(0.84, 0.90, 0.80, 2500)};
  EXPECT_NEAR(handicapped_start(scores).accuracy, 0.90 - 0.09, 1e-12);
  EXPECT_NEAR(handicapped_start(scores).cross_entropy, 0.10 + 0.09, 1e-12);
  const std::vector<Score> few = {score(0.90, 0.90, 0.90, 25), score(0.84, 0.90, 0.80, 25)};
  EXPECT_EQ(handicapped_start(few).accuracy, 0.90) << "one image in ten of 25 is chance";
}

TEST(Score, WithoutFitsThereIsNoHandicap) {
  EXPECT_EQ(handicapped_start({{0.9, 1}, {0.8, 1}}).accuracy, 0.9);
  EXPECT_EQ(handicapped_start({score(0.9, 0.9, 0.9)}).accuracy, 0.9);
  EXPECT_EQ(handicapped_start({score(0.9, 0.9, 0.9), score(0.8, 0.9, 0.95)}).accuracy, 0.9) << "never a bonus";
}

}  // namespace
}  // namespace neurocuda::training
