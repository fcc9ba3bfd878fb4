#include <gtest/gtest.h>

#include "conversion/training/moving_average.hpp"
#include "neurocuda/base/error.hpp"
#include "neurocuda/conversion/calibrate.hpp"
#include "neurocuda/passes/passes.hpp"
#include "percentile_digits.hpp"
#include "stops_in.hpp"
#include "support/temporary_folder.hpp"

namespace neurocuda::conversion {
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
  CalibrateOptions calibration;
  calibration.epochs = 1;
  calibration.average = -0.5;
  EXPECT_THROW(calibrate(testing::trained_digits(), data::load_digits().train, calibration), UserError);
}

class AveragedCalibration : public ::testing::Test {
 protected:
  void SetUp() override {
    options_.epochs = 3;
    options_.levels = 4;
    options_.batch_size = 64;
    options_.augmentation = {1, false, 0};
    options_.compute.threads = 1;
    options_.average = 0.9;
  }
  CalibrateResult run(Progress& progress = silent_progress()) const {
    return calibrate(testing::trained_digits(), digits_, options_, progress);
  }
  static std::vector<float> stem(const CalibrateResult& result) {
    const auto& weight = result.live.node(result.live.find("stem")).as<ir::Conv2d>()->weight;
    return {weight.data(), weight.data() + weight.size()};
  }
  const data::Dataset digits_ = data::head(data::load_digits().train, 320);
  CalibrateOptions options_;
};

TEST_F(AveragedCalibration, KeepsTheAverageNotTheWeights) {
  const CalibrateResult averaged = run();
  options_.average = 0;
  const CalibrateResult plain = run();
  EXPECT_EQ(averaged.epochs.front().loss, plain.epochs.front().loss);  // what is trained is the same
  EXPECT_NE(averaged.held_out_accuracy, plain.held_out_accuracy);
  EXPECT_NE(stem(averaged), stem(plain));
}

TEST_F(AveragedCalibration, AnInterruptedRunResumesToTheSameResult) {
  const CalibrateResult whole = run();
  const testing::TemporaryFolder folder;
  options_.checkpoint = folder / "resume.pt";
  options_.resume = true;
  testing::StopsIn stop("calibrate, epoch 3");
  EXPECT_THROW(run(stop), Interrupted);
  const CalibrateResult resumed = run();
  EXPECT_EQ(resumed.epochs.size(), 3U);
  EXPECT_EQ(resumed.held_out_accuracy, whole.held_out_accuracy);
  EXPECT_EQ(stem(resumed), stem(whole));
}

}  // namespace
}  // namespace neurocuda::conversion
