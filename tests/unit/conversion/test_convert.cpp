#include <gtest/gtest.h>

#include "conversion_settings.hpp"
#include "neurocuda/base/error.hpp"
#include "neurocuda/base/settings_json.hpp"
#include "neurocuda/conversion/convert.hpp"
#include "neurocuda/runtime/backends.hpp"
#include "support/digits_run.hpp"

namespace neurocuda::conversion {
namespace {

ConvertOptions options(int timesteps) {
  ConvertOptions o;
  o.settings = testing::digits_settings(2, timesteps);
  o.settings.levels.reset();
  o.settings.tune.reset();
  return o;
}

double accuracy(const Conversion& conversion, const std::string& stage) {
  for (const Stage& s : conversion.stages) {
    if (s.name == stage) return s.accuracy.value();
  }
  ADD_FAILURE() << "no stage " << stage;
  return 0;
}

TEST(Convert, ReportsEveryStageAndLosesLittle) {
  const auto digits = data::load_digits();
  const Conversion conversion = convert(testing::trained_digits(), digits.train, &digits.test, options(16));
  std::vector<std::string> names;
  for (const Stage& stage : conversion.stages) names.push_back(stage.name);
  std::vector<std::string> expected{"ann", "folded", "percentile", "qcfs", "if_float", "tuned", "if_integer"};
  const bool tuned = conversion.tuning->chosen_epoch > 0;
  if (!tuned) expected.push_back("corrected");
  EXPECT_EQ(names, expected);
  EXPECT_NE(conversion.correction.has_value(), tuned);
  EXPECT_EQ(accuracy(conversion, "ann"), accuracy(conversion, "folded"));
  EXPECT_GT(accuracy(conversion, "if_integer"), accuracy(conversion, "ann") - 0.02);
  EXPECT_NEAR(accuracy(conversion, "if_integer"), accuracy(conversion, "tuned"), 0.01);
  EXPECT_TRUE(conversion.lowered.bounds.fits_int32);
  EXPECT_EQ(conversion.lowered.program.timesteps, 16);
}

TEST(Convert, ExactModeOnTheIntegerGridIsQcfsUpToRounding) {
  const auto digits = data::load_digits();
  ConvertOptions o = options(8);
  o.settings.levels = 8;
  o.settings.mode = program::Mode::exact;
  const Conversion conversion = convert(testing::trained_digits(), digits.train, &digits.test, o);
  EXPECT_NEAR(accuracy(conversion, "if_float"), accuracy(conversion, "qcfs"), 0.006);
  EXPECT_NEAR(accuracy(conversion, "if_integer"), accuracy(conversion, "qcfs"), 0.01);
  EXPECT_EQ(conversion.evaluation->mode, "exact");
}

TEST(Convert, OneCalibrationServesSeveralTimesteps) {
  const auto digits = data::load_digits();
  ConvertOptions o = options(4);
  o.settings.epochs = 1;
  o.settings.tune_epochs = 1;
  const Conversion whole = convert(testing::trained_digits(), digits.train, nullptr, o);
  o.calibrated = whole.live;
  const Conversion again = convert(testing::trained_digits(), digits.train, nullptr, o);
  EXPECT_TRUE(again.epochs.empty());
  EXPECT_EQ(again.levels, whole.levels);
  EXPECT_EQ(again.tuning->held_out_accuracy, whole.tuning->held_out_accuracy);
  EXPECT_TRUE(again.lowered.program == whole.lowered.program);
  o.settings.timesteps = 16;
  o.settings.tune = FineTuning::none;
  const Conversion longer = convert(testing::trained_digits(), digits.train, &digits.test, o);
  EXPECT_EQ(longer.lowered.program.timesteps, 16);
  EXPECT_EQ(longer.levels, whole.levels);  // not the default of 16 timesteps
  EXPECT_GT(accuracy(longer, "if_integer"), accuracy(longer, "ann") - 0.06);
}

TEST(Convert, RatesAndTheTeacherHaveTheirWeights) {
  const auto digits = data::load_digits();
  ConvertOptions o = options(4);
  o.settings.epochs = 1;
  o.settings.tune_epochs = 1;
  o.calibrated = convert(testing::trained_digits(), digits.train, nullptr, o).live;
  const auto loss = [&](double rates, double distillation) {
    o.settings.rate_matching = rates;
    o.settings.tune_distillation = distillation;
    return convert(testing::trained_digits(), digits.train, nullptr, o).tuning->epochs[0].loss;
  };
  const double both = loss(10, 3);
  EXPECT_GT(both, loss(0, 3));
  EXPECT_GT(both, loss(10, 0));
}

TEST(Convert, TheSameSettingsMakeTheSameNetwork) {
  const auto digits = data::load_digits();
  ConvertOptions o = options(2);
  o.settings.epochs = 1;
  o.settings.tune_epochs = 1;
  o.settings.calibration_images = 400;
  const Conversion first = convert(testing::trained_digits(), digits.train, nullptr, o);
  EXPECT_EQ(first.settings, o.settings);
  EXPECT_EQ(first.images, 400);
  ConvertOptions repeated;
  settings::assign_all(repeated.settings, settings::Json::parse(first.lowered.program.settings));
  EXPECT_EQ(repeated.settings, o.settings);
  EXPECT_TRUE(convert(testing::trained_digits(), digits.train, nullptr, repeated).lowered.program ==
              first.lowered.program);
}

TEST(Convert, TheFloatGraphFollowsTheCorrectionOfTheProgram) {
  const auto digits = data::load_digits();
  ConvertOptions o = options(2);
  o.settings.epochs = 1;
  o.settings.levels = 8;  // too many for two timesteps: rates are far off, and correction gains much
  o.settings.tune = FineTuning::none;
  const Conversion conversion = convert(testing::trained_digits(), digits.train, nullptr, o);
  ASSERT_GT(conversion.correction->chosen_round, 0);
  EXPECT_EQ(conversion.correction->program, conversion.lowered.program);
  compiler::LowerOptions lower;
  lower.timesteps = 2;
  EXPECT_EQ(compiler::lower(conversion.spiking, lower).program.nodes, conversion.lowered.program.nodes);
  o.settings.correction_rounds = 0;
  EXPECT_FALSE(convert(testing::trained_digits(), digits.train, nullptr, o).correction.has_value());
}

TEST(Convert, RefusesACalibrationOfAnotherNetwork) {
  const auto digits = data::load_digits();
  ConvertOptions o = options(4);
  o.calibrated = testing::trained_digits();  // an ANN: nothing was calibrated
  EXPECT_THROW(convert(testing::trained_digits(), digits.train, nullptr, o), UserError);
  ir::Graph seven_classes;
  ir::NodeId at = seven_classes.add("flat", ir::Flatten{}, {seven_classes.add("input", ir::Input{{1, 8, 8}, {}})});
  at = seven_classes.add("one", ir::Linear{Tensor<float>({8, 64}, 0.1F), std::nullopt}, {at});
  at = seven_classes.add("qcfs", ir::QCFS{Tensor<float>({8}, 1.0F), 4}, {at});
  at = seven_classes.add("two", ir::Linear{Tensor<float>({7, 8}, 0.1F), std::nullopt}, {at});
  seven_classes.add("output", ir::Output{}, {at});
  o.calibrated = seven_classes;
  EXPECT_THROW(convert(testing::trained_digits(), digits.train, nullptr, o), UserError);
}

TEST(Convert, NeedsNoEvaluationData) {
  const auto digits = data::load_digits();
  ConvertOptions o = options(4);
  o.settings.epochs = 0;
  const Conversion conversion = convert(testing::trained_digits(), data::head(digits.train, 100), nullptr, o);
  EXPECT_FALSE(conversion.evaluation.has_value());
  for (const Stage& stage : conversion.stages) EXPECT_FALSE(stage.accuracy.has_value());
  EXPECT_EQ(conversion.levels, default_levels(4));
}

TEST(Convert, RefusesGraphsWithoutAnActivation) {
  const auto digits = data::load_digits();
  ir::Graph graph;
  const auto input = graph.add("input", ir::Input{{1, 8, 8}, {}});
  const auto flat = graph.add("flat", ir::Flatten{}, {input});
  const auto one = graph.add("one", ir::Linear{Tensor<float>({8, 64}, 0.1F), std::nullopt}, {flat});
  const auto two = graph.add("two", ir::Linear{Tensor<float>({10, 8}, 0.1F), std::nullopt}, {one});
  graph.add("output", ir::Output{}, {two});
  EXPECT_THROW(convert(graph, digits.train, nullptr, options(4)), ConversionError);
}

}  // namespace
}  // namespace neurocuda::conversion
