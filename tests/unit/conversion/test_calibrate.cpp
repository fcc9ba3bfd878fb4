#include <gtest/gtest.h>

#include <algorithm>

#include "conversion_settings.hpp"
#include "neurocuda/base/error.hpp"
#include "neurocuda/compiler/compiler.hpp"
#include "neurocuda/conversion/calibrate.hpp"
#include "neurocuda/ir/hash.hpp"
#include "neurocuda/metrics/evaluation.hpp"
#include "neurocuda/network/evaluate.hpp"
#include "neurocuda/passes/passes.hpp"
#include "neurocuda/runtime/backends.hpp"
#include "support/changed_setting.hpp"
#include "support/digits_run.hpp"
#include "support/expect_error.hpp"
#include "support/stops_in.hpp"
#include "support/temporary_folder.hpp"

namespace neurocuda::conversion {
namespace {

class Calibrate : public ::testing::Test {
 protected:
  static Settings options(int epochs) { return testing::digits_settings(epochs); }
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
  const auto values = network::activation_values(folded_, images.view(), {});
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

TEST_F(Calibrate, AnInterruptedRunResumesToTheSameNetwork) {
  const testing::TemporaryFolder folder;
  const Settings settings = options(3);
  const training::ResumeFile state{folder / "resume.pt", true};
  const ir::Graph& ann = testing::trained_digits();
  const CalibrateResult whole = calibrate(ann, digits_.train, settings);
  testing::StopsIn stop("calibrate, epoch 3");
  EXPECT_THROW(calibrate(ann, digits_.train, settings, state, stop), Interrupted);
  const CalibrateResult resumed = calibrate(ann, digits_.train, settings, state);
  EXPECT_EQ(resumed.epochs.size(), 3U);
  EXPECT_EQ(resumed.held_out_accuracy, whole.held_out_accuracy);
  EXPECT_EQ(ir::hash_of(resumed.live), ir::hash_of(whole.live));
}

TEST_F(Calibrate, ARunThatDiffersInAnythingThatMattersIsNotResumed) {
  const testing::TemporaryFolder folder;
  const training::ResumeFile state{folder / "resume.pt", true};
  const Settings settings = options(2);
  ir::Graph ann = testing::trained_digits();
  data::Dataset images = digits_.train;
  testing::StopsIn stop("calibrate, epoch 2");
  EXPECT_THROW(calibrate(ann, images, settings, state, stop), Interrupted);
  const auto refused = [&](const Settings& other, const std::string& what) {
    testing::expect_error<UserError>([&] { calibrate(ann, images, other, state); }, {"resume.pt", what});
  };
  settings::for_each_field(settings, [&](const auto& field) {
    using settings::Group;
    if (field.group != Group::network && field.group != Group::data && field.group != Group::calibration) return;
    Settings other = settings;
    testing::change(other, field);
    refused(other, std::string(field.name));
  });
  Settings other = settings;
  other.seed = 1;
  refused(other, "seed");

  std::get<ir::BatchNorm2d>(ann.op(ann.find("stem.bn"))).beta[0] += 1;
  refused(settings, "network");
  ann = testing::trained_digits();
  images.images[0] = static_cast<std::uint8_t>(images.images[0] ^ 1U);
  refused(settings, "images");
  images = digits_.train;

  other = settings;  // what comes after, and where it computes
  other.tune_epochs = 99;
  other.fit_images = 7;
  other.attribution_images = 0;
  EXPECT_EQ(calibrate(ann, images, other, state).epochs.size(), 2U);
}

// A learning rate at which nothing can be learned in one epoch, and a start that is not handicapped by chance.
TEST_F(Calibrate, UselessTrainingLeavesTheStart) {
  auto settings = options(1);
  settings.learning_rate = 0.5;
  settings.clip_norm = 1e6;
  settings.lambda_learning_rate = 20;
  const CalibrateResult result = calibrate(folded_, digits_.train, settings);
  ASSERT_LT(result.held_out_accuracy[1], 0.5) << "this training was to be useless";
  EXPECT_EQ(result.chosen_epoch, 0);
}

}  // namespace
}  // namespace neurocuda::conversion
