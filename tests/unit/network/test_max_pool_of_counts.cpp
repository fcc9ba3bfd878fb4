#include <gtest/gtest.h>

#include "neurocuda/network/operators.hpp"

namespace neurocuda::network {
namespace {

/// What a pool has sent up to a timestep is theta times the pool of the counts up to there.
TEST(MaxPoolOfCounts, HasSentThePoolOfTheCountsAtEveryTimestep) {
  torch::manual_seed(1);
  const ir::MaxPool2d pool{{{3, 2}, {2, 1}, {1, 0}}, {0, 1, 0}};
  const int timesteps = 7;
  const auto theta = torch::tensor({0.3F, 1.7F, 1e-9F}), unit = theta.view({1, 3, 1, 1});
  const auto spikes = (torch::rand({timesteps, 4, 3, 6, 5}) > 0.6).to(torch::kFloat32);
  const auto sent =
      max_pool_of_counts(pool, (spikes * unit).flatten(0, 1), theta, timesteps).unflatten(0, {timesteps, 4});
  auto counts = torch::zeros({4, 3, 6, 5}), sums = torch::zeros_like(sent[0]);
  for (int t = 0; t < timesteps; ++t) {
    counts += spikes[t];
    sums += (sent[t] != 0);
    EXPECT_TRUE(torch::equal(sums, value_of(pool, counts))) << t;
    EXPECT_TRUE(torch::equal(sent[t], (sent[t] != 0) * unit)) << t;  // nothing but theta or 0
  }
}

TEST(MaxPoolOfCounts, TakesTheMinimumWhereAsked) {
  const auto x = torch::tensor({1.0F, -2.0F, 3.0F, 4.0F, 1.0F, -2.0F, 3.0F, 4.0F}).view({1, 2, 2, 2});
  const auto pooled = value_of(ir::MaxPool2d{{{2, 2}, {2, 2}}, {1, 0}}, x);
  EXPECT_TRUE(torch::equal(pooled.flatten(), torch::tensor({-2.0F, 4.0F})));
}

TEST(MaxPoolOfCounts, CanBeDifferentiated) {
  auto x = torch::tensor({1.0F, 0.0F, 1.0F, 1.0F}).view({2, 1, 1, 2}).requires_grad_();
  const auto sent = max_pool_of_counts(ir::MaxPool2d{{{1, 2}, {1, 2}}}, x, torch::ones({1}), 2);
  sent.sum().backward();
  EXPECT_TRUE(torch::equal(x.grad().flatten(), torch::tensor({1.0F, 0.0F, 1.0F, 0.0F})));  // the count of two
}

}  // namespace
}  // namespace neurocuda::network
