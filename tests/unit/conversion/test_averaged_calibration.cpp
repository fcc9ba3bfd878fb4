#include <gtest/gtest.h>

#include <vector>

#include "conversion_settings.hpp"
#include "neurocuda/conversion/calibrate.hpp"
#include "support/digits_run.hpp"
#include "support/stops_in.hpp"
#include "support/temporary_folder.hpp"

namespace neurocuda::conversion {
namespace {

class AveragedCalibration : public ::testing::Test {
 protected:
  void SetUp() override {
    options_ = testing::digits_settings(3);
    options_.distillation = 0;  // an untrained network is no teacher
    options_.learning_rate = 0.1;
    options_.average = 0.9;
  }
  CalibrateResult run(const training::ResumeFile& state = {}, Progress& progress = silent_progress()) const {
    return calibrate(untrained_, digits_, options_, state, progress);
  }
  static std::vector<float> stem(const CalibrateResult& result) {
    const auto& weight = result.live.node(result.live.find("stem")).as<ir::Conv2d>()->weight;
    return {weight.data(), weight.data() + weight.size()};
  }
  const data::Dataset digits_ = data::head(data::load_digits().train, 320);
  const ir::Graph untrained_ = testing::digits_graph(digits_);  // a start that is easily beaten
  Settings options_;
};

TEST_F(AveragedCalibration, KeepsTheAverageNotTheWeights) {
  const CalibrateResult averaged = run();
  options_.average = 0;
  const CalibrateResult plain = run();
  EXPECT_EQ(averaged.epochs.front().loss, plain.epochs.front().loss);  // what is trained is the same
  EXPECT_NE(averaged.held_out_accuracy, plain.held_out_accuracy);
  ASSERT_GT(averaged.chosen_epoch, 0);
  ASSERT_GT(plain.chosen_epoch, 0);
  EXPECT_NE(stem(averaged), stem(plain));
}

TEST_F(AveragedCalibration, AnInterruptedRunResumesToTheSameResult) {
  const CalibrateResult whole = run();
  const testing::TemporaryFolder folder;
  const training::ResumeFile state{folder / "resume.pt", true};
  testing::StopsIn stop("calibrate, epoch 3");
  EXPECT_THROW(run(state, stop), Interrupted);
  const CalibrateResult resumed = run(state);
  EXPECT_EQ(resumed.epochs.size(), 3U);
  EXPECT_EQ(resumed.held_out_accuracy, whole.held_out_accuracy);
  EXPECT_EQ(stem(resumed), stem(whole));
}

}  // namespace
}  // namespace neurocuda::conversion
