#include <gtest/gtest.h>

#include <cmath>

#include "neurocuda/training/class_loss.hpp"
#include "neurocuda/training/distillation.hpp"

namespace neurocuda::training {
namespace {

const auto kLogits = [] { return torch::tensor({{0.0F, std::log(3.0F)}, {0.0F, 0.0F}}); };
const auto kTarget = [] { return torch::tensor({{0.25F, 0.75F}, {0.5F, 0.5F}}); };

TEST(ClassLoss, IsTheCrossEntropyByItself) {
  const ClassLoss loss{2, 0};
  EXPECT_NEAR(loss(kLogits(), torch::tensor({1, 0}), {}).item<double>(), -std::log(0.75) - std::log(0.5), 1e-6);
  const auto shares = torch::tensor({{0.0F, 1.0F}, {1.0F, 0.0F}});
  EXPECT_NEAR(loss(kLogits(), shares, {}).item<double>(), -std::log(0.75) - std::log(0.5), 1e-6);
}

TEST(ClassLoss, IgnoresLabelsWithoutAWeight) {
  const ClassLoss loss{0, 3};
  EXPECT_EQ(loss(kLogits(), torch::tensor({1, 0}), kTarget()).item<double>(),
            loss(kLogits(), torch::tensor({0, 1}), kTarget()).item<double>());
  // The target at temperature 3 is the student's own: nothing is left to learn.
  EXPECT_NEAR(loss(3 * kLogits(), torch::tensor({1, 0}), kTarget()).item<double>(), 0, 1e-6);
}

TEST(ClassLoss, AddsBoth) {
  const auto labels = torch::tensor({1, 0});
  const double teacher = distillation_loss(kLogits(), kTarget()).item<double>();
  EXPECT_GT(teacher, 0);
  EXPECT_NEAR((ClassLoss{0.5, 4}(kLogits(), labels, kTarget()).item<double>()),
              (ClassLoss{0.5, 0}(kLogits(), labels, {}).item<double>()) + 4 * teacher, 1e-6);
}

}  // namespace
}  // namespace neurocuda::training
