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

std::vector<std::string> names_of(const Conversion& conversion) {
  std::vector<std::string> names;
  for (const Stage& stage : conversion.stages) names.push_back(stage.name);
  return names;
}

TEST(Convert, TrainsNothingUnlessAsked) {
  auto digits = data::load_digits();
  const auto evaluation = digits.test;
  digits.train.labels.clear();
  ConvertOptions o;
  o.settings.timesteps = 8;
  o.settings.threads = 1;
  const Conversion conversion = convert(testing::trained_digits(), digits.train, &evaluation, o);
  EXPECT_EQ(names_of(conversion), (std::vector<std::string>{"ann", "folded", "fitted"}));
  EXPECT_EQ(conversion.chosen_stage, "fitted");
  EXPECT_EQ(conversion.calibration_labels, Labels::given);  // none were made up
  EXPECT_EQ(conversion.stages[0].agreement, 1);
  EXPECT_GT(conversion.stages[2].agreement.value(), 0.95);
  EXPECT_GT(accuracy(conversion, "fitted"), accuracy(conversion, "ann") - 0.03);
  EXPECT_EQ(conversion.evaluation->accuracy, accuracy(conversion, "fitted"));
  EXPECT_EQ(conversion.fit_images, 1000);
  EXPECT_GT(conversion.seconds, 0);
  EXPECT_GT(conversion.peak_bytes, 1 << 20);
}

TEST(Convert, TrainingIsMeasuredBesideIt) {
  const auto digits = data::load_digits();
  const Conversion conversion = convert(testing::trained_digits(), digits.train, &digits.test, options(16));
  EXPECT_EQ(names_of(conversion),
            (std::vector<std::string>{"ann", "folded", "fitted", "qcfs", "qcfs_fitted", "tuned"}));
  EXPECT_EQ(accuracy(conversion, "ann"), accuracy(conversion, "folded"));
  EXPECT_EQ(conversion.held_out_by_stage.size(), 3U);
  EXPECT_EQ(conversion.evaluation->accuracy, accuracy(conversion, conversion.chosen_stage));
  EXPECT_GT(conversion.evaluation->accuracy, accuracy(conversion, "ann") - 0.03);
  EXPECT_TRUE(conversion.lowered.bounds.fits_int32);
  EXPECT_EQ(conversion.lowered.program.timesteps, 16);
}

TEST(Convert, FineTuningWithoutCalibrationGoesOnFromTheFittedNetwork) {
  const auto digits = data::load_digits();
  ConvertOptions o = options(2);
  o.settings.epochs = 0;
  o.settings.tune = FineTuning::bptt;
  o.settings.tune_epochs = 1;
  const Conversion conversion = convert(testing::trained_digits(), digits.train, nullptr, o);
  EXPECT_EQ(names_of(conversion), (std::vector<std::string>{"ann", "folded", "fitted", "tuned"}));
  EXPECT_EQ(conversion.tuning->held_out_accuracy[0], conversion.held_out_by_stage.at("fitted"));
}

TEST(Convert, TheExactModeIsConvertedForItself) {
  const auto digits = data::load_digits();
  ConvertOptions o;
  o.settings.timesteps = 2;
  o.settings.threads = 1;
  const Conversion plain = convert(testing::trained_digits(), digits.train, &digits.test, o);
  o.settings.mode = program::Mode::exact;
  const Conversion exact = convert(testing::trained_digits(), digits.train, &digits.test, o);
  EXPECT_EQ(exact.evaluation->mode, "exact");
  EXPECT_EQ(exact.lowered.program.mode, program::Mode::exact);
  EXPECT_GT(exact.stages.back().agreement.value(), plain.stages.back().agreement.value() - 0.02);
  EXPECT_EQ(exact.evaluation->latency_timesteps, 12);  // five layers and the last, two timesteps each
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
  EXPECT_GT(accuracy(longer, "qcfs_fitted"), accuracy(longer, "ann") - 0.06);
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

TEST(Convert, TheFloatGraphIsTheProgram) {
  const auto digits = data::load_digits();
  ConvertOptions o;
  o.settings.timesteps = 2;
  const Conversion conversion = convert(testing::trained_digits(), digits.train, nullptr, o);
  compiler::LowerOptions lower;
  lower.timesteps = 2;
  EXPECT_EQ(compiler::lower(conversion.spiking, lower).program.nodes, conversion.lowered.program.nodes);
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
