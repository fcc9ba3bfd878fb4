#include <gtest/gtest.h>

#include "conversion/fine_tuning/step_memory.hpp"
#include "neurocuda/conversion/fine_tune.hpp"
#include "neurocuda/data/loader.hpp"
#include "neurocuda/network/device.hpp"
#include "neurocuda/passes/passes.hpp"
#include "neurocuda/training/rate_matching.hpp"
#include "percentile_digits.hpp"

namespace neurocuda::conversion {
namespace {

class Rates : public ::testing::Test {
 protected:
  static constexpr int kTimesteps = 3;

  void SetUp() override { qcfs(); }  // trains, before a test turns gradients off

  static const ir::Graph& qcfs() { return testing::percentile_digits(); }
  torch::Tensor images(std::int64_t begin, std::int64_t end) const {
    return network::to_device(data::normalized(digits_.train, begin, end, digits_.train.mean, digits_.train.stddev),
                              torch::kCPU);
  }
  static network::ForwardOptions forward() {
    network::ForwardOptions options;
    options.timesteps = kTimesteps;
    options.grid = network::GridOptions{};
    return options;
  }
  /// Of an IF graph over some images, against the QCFS graph.
  double error(const ir::Graph& spiking, const torch::Tensor& of) const {
    const torch::NoGradGuard no_grad;
    training::RateMatching matching(qcfs(), torch::kCPU, forward());
    matching.start(of);
    network::Network network(spiking, torch::kCPU);
    network::ForwardOptions options = forward();
    options.observe_means = [&](ir::NodeId id, const torch::Tensor& mean) { matching.see(id, mean); };
    network.forward(of, options);
    return matching.error().item<double>();
  }
  const data::Splits digits_ = data::load_digits();
};

TEST_F(Rates, ErrorIsZeroForTheActivationsThemselvesAndOneForSilence) {
  const torch::NoGradGuard no_grad;
  const auto batch = images(0, 8);
  for (const double share : {1.0, 0.0, 0.5}) {
    training::RateMatching matching(qcfs(), torch::kCPU, forward());
    EXPECT_FALSE(matching.error().defined());
    matching.start(batch);
    network::Network same(qcfs(), torch::kCPU);
    network::ForwardOptions options = forward();
    options.observe = [&](ir::NodeId id, const torch::Tensor& h) { matching.see(id, share * h); };
    same.forward(batch, options);
    EXPECT_NEAR(matching.error().item<double>(), (1 - share) * (1 - share), 1e-5) << share;
    matching.start(batch);
    EXPECT_FALSE(matching.error().defined());
  }
}

TEST_F(Rates, MoreTimestepsAreCloser) {
  const auto batch = images(0, 64);
  const auto at = [&](int timesteps) {
    const torch::NoGradGuard no_grad;
    training::RateMatching matching(qcfs(), torch::kCPU, forward());
    matching.start(batch);
    network::Network network(passes::substitute_if(qcfs()), torch::kCPU);
    network::ForwardOptions options = forward();
    options.timesteps = timesteps;
    options.observe_means = [&](ir::NodeId id, const torch::Tensor& mean) { matching.see(id, mean); };
    network.forward(batch, options);
    return matching.error().item<double>();
  };
  EXPECT_LT(at(32), 0.5 * at(2));
}

TEST_F(Rates, FineTuningWithAWeightBringsRatesCloserOnImagesNeverSeen) {
  const auto unseen = network::to_device(
      data::normalized(digits_.test, 0, digits_.test.size(), digits_.train.mean, digits_.train.stddev), torch::kCPU);
  const auto tuned = [&](double weight) {
    Settings settings = testing::digits_settings(1, kTimesteps);
    settings.tune = FineTuning::bptt;
    settings.tune_epochs = 3;
    settings.tune_learning_rate = 0.02;
    settings.rate_matching = weight;
    settings.tune_distillation = 0.5;
    return fine_tune(passes::substitute_if(qcfs()), qcfs(), testing::trained_digits(), digits_.train, settings);
  };
  const FineTuneResult with = tuned(2), without = tuned(0);
  ASSERT_GT(with.chosen_epoch, 0);
  const double before = error(passes::substitute_if(qcfs()), unseen);
  EXPECT_LT(error(with.graph, unseen), 0.95 * before);
  EXPECT_LT(error(with.graph, unseen), error(without.graph, unseen));
  EXPECT_GT(with.epochs[0].loss, without.epochs[0].loss);
}

TEST_F(Rates, TheGuideIsPartOfThePredictedMemory) {
  const ir::Graph spiking = passes::substitute_if(qcfs());
  EXPECT_GT(predicted_bytes_per_image(spiking, 4, true), predicted_bytes_per_image(spiking, 4, false));
}

}  // namespace
}  // namespace neurocuda::conversion
