#include <gtest/gtest.h>

#include <algorithm>

#include "digits_run.hpp"
#include "neurocuda/base/error.hpp"
#include "neurocuda/compiler/compiler.hpp"
#include "neurocuda/conversion/calibrate.hpp"
#include "neurocuda/conversion/evaluate.hpp"
#include "neurocuda/metrics/evaluation.hpp"
#include "neurocuda/passes/passes.hpp"
#include "neurocuda/runtime/backends.hpp"
#include "support/temporary_folder.hpp"

namespace neurocuda::conversion {
namespace {

class Calibrate : public ::testing::Test {
 protected:
  static CalibrateOptions options(int epochs) {
    CalibrateOptions o;
    o.epochs = epochs;
    o.levels = 4;
    o.batch_size = 64;
    o.augmentation = {1, false, 0};
    o.compute.threads = 1;
    return o;
  }
  const data::Splits digits_ = data::load_digits();
  const ir::Graph folded_ = passes::fold_batch_norm(testing::trained_digits());
};

TEST_F(Calibrate, PercentilesArePositivePerChannelAndGrow) {
  const auto low = activation_percentiles(folded_, digits_.train, 95, 200, {"cpu", 1, false});
  const auto high = activation_percentiles(folded_, digits_.train, 100, 200, {"cpu", 1, false});
  ASSERT_EQ(low.size(), high.size());
  EXPECT_EQ(low.at("stem.relu").size(), 16);
  for (const auto& [name, lambda] : low) {
    for (std::int64_t c = 0; c < lambda.size(); ++c) {
      EXPECT_GT(lambda[c], 0) << name;
      EXPECT_LE(lambda[c], high.at(name)[c]) << name;
    }
  }
}

TEST_F(Calibrate, TheHundredthPercentileIsTheLargestActivation) {
  const auto lambdas = activation_percentiles(folded_, digits_.train, 100, 50, {"cpu", 1, false});
  const auto images = data::normalized(digits_.train, 0, 50, digits_.train.mean, digits_.train.stddev);
  const auto values = activation_values(folded_, images.view(), {});
  const Tensor<float>& stem = values.at(0);  // (50, 16, 8, 8)
  for (std::int64_t c = 0; c < 16; ++c) {
    float largest = 0;
    for (std::int64_t n = 0; n < 50; ++n) {
      for (std::int64_t i = 0; i < 64; ++i) largest = std::max(largest, stem[(n * 16 + c) * 64 + i]);
    }
    if (largest < 0.1F) continue;  // a channel that hardly fires has the smallest lambda instead
    EXPECT_NEAR(lambdas.at("stem.relu")[c], largest, 1e-3F * largest);
  }
}

TEST_F(Calibrate, WithoutEpochsGivesThePercentileStart) {
  const CalibrateResult result = calibrate(folded_, digits_.train, options(0));
  EXPECT_EQ(result.chosen_epoch, 0);
  EXPECT_EQ(result.graph.node(result.graph.find("stem.relu")).as<ir::QCFS>()->levels, 4);
}

TEST_F(Calibrate, KeepsTheBestHeldOutEpoch) {
  const CalibrateResult result = calibrate(folded_, digits_.train, options(2));
  ASSERT_EQ(result.held_out_accuracy.size(), 3U);
  auto competing = result.held_out_accuracy;
  competing[0] -= result.start_handicap;
  const double best = *std::max_element(competing.begin(), competing.end());
  EXPECT_EQ(competing[static_cast<std::size_t>(result.chosen_epoch)], best);
  EXPECT_GT(best, 0.93);
}

TEST_F(Calibrate, ChoosesByTheSpikesAtTheTargetTimesteps) {
  std::vector<double> accuracies;
  for (const program::Mode mode : {program::Mode::synchronous, program::Mode::exact}) {
    auto o = options(2);
    o.timesteps = 2;
    o.mode = mode;
    o.score_images = 0;
    const CalibrateResult result = calibrate(folded_, digits_.train, o);
    const auto held_out = data::split(digits_.train, o.held_out, o.seed).second;
    compiler::LowerOptions lower;
    lower.timesteps = 2;
    const auto lowered = compiler::lower(passes::substitute_if(result.graph), lower);
    metrics::EvaluateOptions evaluate;
    evaluate.mode = mode;
    const auto evaluation = metrics::evaluate(*runtime::compile(lowered.program, "cpu"), held_out, evaluate);
    EXPECT_EQ(result.held_out_accuracy.at(static_cast<std::size_t>(result.chosen_epoch)), evaluation.accuracy);
    accuracies.push_back(result.held_out_accuracy[0]);
  }
  EXPECT_NE(accuracies[0], accuracies[1]) << "two timesteps do not suffice to be even";
}

TEST_F(Calibrate, FrozenWeightsAreTheAnns) {
  CalibrateOptions o = options(2);
  o.levels = 1;  // a start that is easily beaten
  const auto weights = [](const ir::Graph& graph) {
    const auto& weight = graph.node(graph.find("stem")).as<ir::Conv2d>()->weight;
    return std::vector<float>(weight.data(), weight.data() + weight.size());
  };
  const auto gamma = [](const ir::Graph& graph) {
    return graph.node(graph.find("stem.bn")).as<ir::BatchNorm2d>()->gamma[0];
  };
  const ir::Graph& ann = testing::trained_digits();
  const CalibrateResult learned = calibrate(ann, digits_.train, o);
  ASSERT_GT(learned.chosen_epoch, 0);
  EXPECT_NE(weights(learned.live), weights(ann));
  o.freeze_weights = true;
  const CalibrateResult frozen = calibrate(ann, digits_.train, o);
  ASSERT_GT(frozen.chosen_epoch, 0);
  EXPECT_EQ(weights(frozen.live), weights(ann));
  EXPECT_NE(gamma(frozen.live), gamma(ann));
}

TEST_F(Calibrate, ARunOnOtherImagesIsNotResumed) {
  const testing::TemporaryFolder folder;
  CalibrateOptions o = options(1);
  o.checkpoint = folder / "resume.pt";
  calibrate(testing::trained_digits(), digits_.train, o);
  o.resume = true;
  CalibrateOptions other = o;
  other.held_out = 0.2;
  EXPECT_THROW(calibrate(testing::trained_digits(), digits_.train, other), UserError);
  other = o;
  other.augmentation.flip = true;
  EXPECT_THROW(calibrate(testing::trained_digits(), digits_.train, other), UserError);
  EXPECT_EQ(calibrate(testing::trained_digits(), digits_.train, o).epochs.size(), 1U);
}

TEST_F(Calibrate, UselessTrainingLeavesTheStart) {
  auto o = options(1);
  o.learning_rate = 1.0;
  o.clip_norm = 1e6;
  o.lambda_learning_rate = 1.0;
  try {
    const CalibrateResult result = calibrate(folded_, digits_.train, o);
    EXPECT_EQ(result.chosen_epoch,
              result.held_out_accuracy[1] <= result.held_out_accuracy[0] - result.start_handicap ? 0 : 1);
  } catch (const UserError& error) {
    EXPECT_NE(std::string(error.what()).find("loss"), std::string::npos);
  }
}

TEST_F(Calibrate, RefusesBadOptions) {
  auto o = options(1);
  o.levels = 0;
  EXPECT_THROW(calibrate(folded_, digits_.train, o), UserError);
  o = options(1);
  o.percentile = 0;
  EXPECT_THROW(calibrate(folded_, digits_.train, o), UserError);
  o = options(-1);
  EXPECT_THROW(calibrate(folded_, digits_.train, o), UserError);
}

}  // namespace
}  // namespace neurocuda::conversion
