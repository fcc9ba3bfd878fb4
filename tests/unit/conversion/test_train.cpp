#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <set>

#include "digits_run.hpp"
#include "neurocuda/base/error.hpp"
#include "neurocuda/conversion/convert.hpp"
#include "neurocuda/conversion/evaluate.hpp"
#include "stops_in.hpp"
#include "support/temporary_folder.hpp"

namespace neurocuda::conversion {
namespace {

using testing::digits_graph;
using testing::short_training;

class Train : public ::testing::Test {
 protected:
  void SetUp() override { digits_.train = data::head(digits_.train, 320); }

  static Tensor<float> stem(const TrainResult& result) {
    return result.graph.node(result.graph.find("stem")).as<ir::Conv2d>()->weight;
  }
  static Tensor<float> variance(const TrainResult& result) {
    return result.graph.node(result.graph.find("stem.bn")).as<ir::BatchNorm2d>()->variance;
  }

  data::Splits digits_ = data::load_digits();
  testing::TemporaryFolder folder_;
};

TEST_F(Train, LearnsTheDigits) {
  const auto digits = data::load_digits();
  FloatOptions options;
  const FloatEvaluation evaluation = evaluate_float(testing::trained_digits(), digits.test, options);
  EXPECT_GT(evaluation.accuracy, 0.95);
  EXPECT_EQ(evaluation.images, digits.test.size());
}

TEST_F(Train, QcfsFromScratchConvertsWithoutCalibration) {
  const auto digits = data::load_digits();
  auto options = short_training(8);
  options.levels = 4;
  const ir::Graph qcfs = train(digits_graph(digits.train), digits.train, options).graph;
  std::set<float> lambdas;
  for (const ir::Node& node : qcfs.nodes()) {
    EXPECT_EQ(node.as<ir::ReLU>(), nullptr) << node.name;
    const auto* activation = node.as<ir::QCFS>();
    if (!activation) continue;
    EXPECT_EQ(activation->levels, 4);
    for (const float lambda : activation->lambda.values()) {
      EXPECT_GT(lambda, 0);
      lambdas.insert(lambda);
    }
  }
  EXPECT_GT(lambdas.size(), 10U);  // they learnt, each for itself

  const double trained = evaluate_float(qcfs, digits.test, {}).accuracy;
  EXPECT_GT(trained, 0.9);
  ConvertOptions convert_options;
  convert_options.timesteps = 16;
  convert_options.calibrate.epochs = 0;
  convert_options.lower.timesteps = 16;
  const Conversion spiking = convert(qcfs, digits.train, &digits.test, convert_options);
  EXPECT_EQ(spiking.levels, 4);
  EXPECT_GT(spiking.evaluation->accuracy, trained - 0.03);
}

TEST_F(Train, TheSameSeedGivesTheSameNetwork) {
  const ir::Graph graph = digits_graph(digits_.train);
  const TrainResult one = train(graph, digits_.train, short_training(2));
  const TrainResult same = train(graph, digits_.train, short_training(2));
  EXPECT_EQ(stem(one), stem(same));
  auto options = short_training(2);
  options.seed = 1;
  EXPECT_NE(stem(one), stem(train(graph, digits_.train, options)));
}

TEST_F(Train, AnInterruptedRunResumesToTheSameResult) {
  const ir::Graph graph = digits_graph(digits_.train);
  auto options = short_training(4);
  const TrainResult whole = train(graph, digits_.train, options);

  options.checkpoint = folder_ / "resume.pt";
  options.resume = true;
  testing::StopsIn stop("train, epoch 3");
  EXPECT_THROW(train(graph, digits_.train, options, stop), Interrupted);
  const TrainResult resumed = train(graph, digits_.train, options);
  EXPECT_EQ(resumed.epochs.size(), 4U);
  EXPECT_EQ(stem(whole), stem(resumed));
  EXPECT_EQ(variance(whole), variance(resumed));
}

TEST_F(Train, RefusesACheckpointOfAnotherRunAndADamagedOne) {
  const ir::Graph graph = digits_graph(digits_.train);
  auto options = short_training(1);
  options.checkpoint = folder_ / "resume.pt";
  train(graph, digits_.train, options);
  options.resume = true;
  options.learning_rate = 0.05;
  EXPECT_THROW(train(graph, digits_.train, options), UserError);
  std::filesystem::resize_file(options.checkpoint, 1000);
  EXPECT_THROW(train(graph, digits_.train, options), UserError);
  std::ofstream(options.checkpoint) << "not an archive";
  EXPECT_THROW(train(graph, digits_.train, options), UserError);
}

TEST_F(Train, RefusesDataThatDoesNotFit) {
  EXPECT_THROW(train(build_architecture("resnet8", {}), digits_.train, short_training(1)), UserError);
}

TEST_F(Train, RefusesUnknownDevices) {
  auto options = short_training(1);
  options.compute.device = "abacus";
  EXPECT_THROW(train(digits_graph(digits_.train), digits_.train, options), UserError);
}

TEST_F(Train, ALossThatRunsAwayIsReported) {
  auto options = short_training(3);
  options.learning_rate = 1e12;
  EXPECT_THROW(train(digits_graph(digits_.train), digits_.train, options), UserError);
}

}  // namespace
}  // namespace neurocuda::conversion
