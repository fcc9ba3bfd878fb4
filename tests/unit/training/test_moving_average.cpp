#include <gtest/gtest.h>

#include "neurocuda/base/error.hpp"
#include "neurocuda/passes/passes.hpp"
#include "training/loop/moving_average.hpp"

namespace neurocuda::training {
namespace {

TEST(MovingAverage, FollowsTheTensors) {
  const auto tensor = torch::tensor({8.0, 0.0}, torch::kFloat64);
  MovingAverage average({{"a", tensor}}, 0.5);
  EXPECT_TRUE(average.averages().at("a").equal(tensor));
  tensor.zero_();
  average.update(0);  // a tenth of what was is left
  EXPECT_TRUE(average.averages().at("a").allclose(torch::tensor({0.8, 0.0}, torch::kFloat64)));
  average.update(100);  // by now the decay is the one asked for
  EXPECT_TRUE(average.averages().at("a").allclose(torch::tensor({0.4, 0.0}, torch::kFloat64)));
}

TEST(MovingAverage, ExchangesValues) {
  auto tensor = torch::tensor({4.0}).requires_grad_(true);
  MovingAverage average({{"a", tensor}}, 0.5);
  {
    const torch::NoGradGuard no_grad;
    tensor.fill_(2);
  }
  average.update(100);
  {
    const Averaged averaged(&average);
    EXPECT_EQ(tensor.item<float>(), 3);
    EXPECT_EQ(average.averages().at("a").item<float>(), 2);
  }
  EXPECT_EQ(tensor.item<float>(), 2);
  EXPECT_EQ(average.averages().at("a").item<float>(), 3);
  const Averaged nothing(nullptr);
}

TEST(MovingAverage, RefusesOtherDecays) {
  for (const double decay : {0.0, 1.0, -0.5}) EXPECT_THROW(MovingAverage({}, decay), UserError) << decay;
}

}  // namespace
}  // namespace neurocuda::training
