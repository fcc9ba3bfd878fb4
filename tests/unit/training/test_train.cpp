#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "neurocuda/base/error.hpp"
#include "neurocuda/network/evaluate.hpp"
#include "support/digits_run.hpp"
#include "support/expect_error.hpp"
#include "support/stops_in.hpp"
#include "support/temporary_folder.hpp"

namespace neurocuda::training {
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
  network::FloatOptions options;
  const network::FloatEvaluation evaluation = network::evaluate_float(testing::trained_digits(), digits.test, options);
  EXPECT_GT(evaluation.accuracy, 0.95);
  EXPECT_EQ(evaluation.images, digits.test.size());
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

TEST_F(Train, TakesAsManyImagesAsItIsTold) {
  const ir::Graph graph = digits_graph(digits_.train);
  auto settings = short_training(1);
  settings.training_images = 128;
  const TrainResult few = train(graph, digits_.train, settings);
  settings.training_images = 0;
  EXPECT_EQ(stem(few), stem(train(graph, data::sample(digits_.train, 128, 0), settings)));
  EXPECT_NE(stem(few), stem(train(graph, digits_.train, settings)));
}

TEST_F(Train, AnInterruptedRunResumesToTheSameResult) {
  const ir::Graph graph = digits_graph(digits_.train);
  const auto settings = short_training(4);
  const TrainResult whole = train(graph, digits_.train, settings);

  const ResumeFile state{folder_ / "resume.pt", true};
  testing::StopsIn stop("train, epoch 3");
  EXPECT_THROW(train(graph, digits_.train, settings, state, stop), Interrupted);
  const TrainResult resumed = train(graph, digits_.train, settings, state);
  EXPECT_EQ(resumed.epochs.size(), 4U);
  EXPECT_EQ(stem(whole), stem(resumed));
  EXPECT_EQ(variance(whole), variance(resumed));
}

TEST_F(Train, RefusesACheckpointOfAnotherRunAndADamagedOne) {
  const ir::Graph graph = digits_graph(digits_.train);
  auto settings = short_training(1);
  const ResumeFile state{folder_ / "resume.pt", true};
  train(graph, digits_.train, settings, state);
  settings.learning_rate = 0.05;
  testing::expect_error<UserError>([&] { train(graph, digits_.train, settings, state); },
                                   {"resume.pt", "learning_rate", "0.1", "0.05"});
  std::filesystem::resize_file(state.path, 1000);
  EXPECT_THROW(train(graph, digits_.train, settings, state), UserError);
  std::ofstream(state.path) << "not an archive";
  EXPECT_THROW(train(graph, digits_.train, settings, state), UserError);
}

TEST_F(Train, RefusesDataThatDoesNotFit) {
  EXPECT_THROW(train(build_architecture("resnet8", {}), digits_.train, short_training(1)), UserError);
}

TEST_F(Train, RefusesUnknownDevices) {
  auto options = short_training(1);
  options.device = "abacus";
  EXPECT_THROW(train(digits_graph(digits_.train), digits_.train, options), UserError);
}

TEST_F(Train, ALossThatRunsAwayIsReported) {
  auto options = short_training(3);
  options.learning_rate = 1e12;
  EXPECT_THROW(train(digits_graph(digits_.train), digits_.train, options), UserError);
}

}  // namespace
}  // namespace neurocuda::training
