#include <gtest/gtest.h>

#include "conversion/calibration/noise.hpp"
#include "conversion/network/channel_mean.hpp"
#include "conversion/network/network.hpp"
#include "conversion/objective/activity_penalty.hpp"
#include "digits_run.hpp"
#include "neurocuda/compiler/compiler.hpp"
#include "neurocuda/conversion/calibrate.hpp"
#include "neurocuda/ir/analysis.hpp"
#include "neurocuda/metrics/evaluation.hpp"
#include "neurocuda/passes/passes.hpp"
#include "neurocuda/runtime/backends.hpp"

namespace neurocuda::conversion {
namespace {

class QcfsDigits : public ::testing::Test {
 protected:
  ir::Graph live(std::int64_t levels) const {
    const auto folded = passes::fold_batch_norm(testing::trained_digits());
    return passes::substitute_qcfs(testing::trained_digits(),
                                   activation_percentiles(folded, digits_.train, 99.9, 200, {"cpu", 1, false}), levels);
  }
  const data::Splits digits_ = data::load_digits();
};

TEST_F(QcfsDigits, UnevennessShrinksWithTimesteps) {
  Network network(live(8), torch::kCPU);
  const auto sample = data::head(digits_.train, 64);
  const auto few = unevenness(network, sample, 2, GridOptions{}), many = unevenness(network, sample, 64, GridOptions{});
  ASSERT_EQ(few.size(), 5U);
  for (const auto& [id, sigma] : few) {
    EXPECT_GT(sigma, 0);
    EXPECT_LT(many.at(id), sigma);
  }
}

TEST_F(QcfsDigits, NoiseHasTheStandardDeviationAskedFor) {
  Network network(live(8), torch::kCPU);
  const torch::NoGradGuard no_grad;
  const ir::NodeId stem = network.graph().find("stem.relu");
  const auto images = torch::randn({64, 1, 8, 8});
  torch::Tensor quiet, noisy;
  ForwardOptions forward;
  forward.observe = [&](ir::NodeId id, const torch::Tensor& x) { quiet = id == stem ? x : quiet; };
  network.forward(images, forward);
  forward.noise[stem] = 0.25;
  forward.observe = [&](ir::NodeId id, const torch::Tensor& x) { noisy = id == stem ? x : noisy; };
  network.forward(images, forward);
  EXPECT_NEAR((noisy - quiet).std().item<double>(), 0.25, 0.01);
}

TEST_F(QcfsDigits, CalibratesWithNoise) {
  CalibrateOptions o;
  o.epochs = 2;
  o.levels = 4;
  o.timesteps = 4;
  o.noise = 0.5;
  o.noise_warmup = 0;
  o.batch_size = 64;
  o.augmentation = {1, false, 0};
  o.compute.threads = 1;
  const auto noisy = calibrate(testing::trained_digits(), digits_.train, o);
  EXPECT_GT(noisy.held_out_accuracy.at(static_cast<std::size_t>(noisy.chosen_epoch)), 0.93);
  o.noise = 0;
  EXPECT_NE(calibrate(testing::trained_digits(), digits_.train, o).epochs[0].loss, noisy.epochs[0].loss);
}

TEST(ChannelMean, IsTheMeanWithItsGradient) {
  torch::manual_seed(4);
  const std::vector<std::vector<std::int64_t>> shapes{{3, 5, 40, 41}, {7, 5}, {2, 16, 8, 8}};
  for (const auto& shape : shapes) {
    for (const auto type : {torch::kFloat32, torch::kBFloat16}) {
      auto x = torch::randn(shape).to(type);
      if (x.dim() == 4) x = x.contiguous(torch::MemoryFormat::ChannelsLast);
      x.set_requires_grad(true);
      const auto axes = x.dim() == 4 ? std::vector<std::int64_t>{0, 2, 3} : std::vector<std::int64_t>{0};
      const auto expected = x.mean(axes, false, torch::kFloat32), actual = channel_mean(x);
      EXPECT_TRUE(torch::allclose(actual, expected, 1e-5, 1e-6));
      const auto gradient = torch::randn({shape[1]});
      const auto wanted = torch::autograd::grad({expected}, {x}, {gradient})[0];
      const auto given = torch::autograd::grad({actual}, {x}, {gradient})[0];
      EXPECT_EQ(given.scalar_type(), type);
      EXPECT_EQ(given.strides(), x.strides());
      EXPECT_TRUE(torch::allclose(given, wanted, type == torch::kBFloat16 ? 1e-2 : 1e-6, 1e-9));
    }
  }
}

// The penalty must speak of what the runtime counts.
TEST_F(QcfsDigits, SynopsPerSpikeAreThoseThatTheRuntimeCounts) {
  const ir::Graph graph = passes::fold_batch_norm(live(8));
  const auto reached = synops_per_spike(graph);
  const auto program = compiler::lower(passes::substitute_if(graph)).program;
  const auto evaluation = metrics::evaluate(*runtime::compile(program, "cpu"), data::head(digits_.test, 64));
  double predicted = 0, counted = 0;
  for (const auto& layer : evaluation.layers) {
    counted += layer.synops_per_image;
    if (layer.neurons > 0) predicted += layer.spikes_per_image * reached.at(graph.find(layer.layer));
  }
  // Spikes are not spread evenly over borders and centre, so that the average fan-out is an approximation.
  EXPECT_NEAR(predicted / counted, 1.0, 0.15);
}

TEST_F(QcfsDigits, DensityIsOneWhenEverythingFires) {
  Network network(live(8), torch::kCPU);
  ActivityPenalty penalty(network);
  EXPECT_FALSE(penalty.density().defined());
  const auto shapes = ir::infer_shapes(network.graph());
  for (ir::NodeId id = 0; id < network.graph().size(); ++id) {
    if (!network.graph().node(id).as<ir::QCFS>()) continue;
    const auto lambda = to_positive(network.tensors(id).lambda_raw).view({1, -1, 1, 1});
    penalty.see(id, lambda.expand({2, shapes[id][0], shapes[id][1], shapes[id][2]}));
  }
  EXPECT_NEAR(penalty.density().item<double>(), 1.0, 1e-5);
  penalty.reset();
  EXPECT_FALSE(penalty.density().defined());
}

TEST_F(QcfsDigits, ThePenaltyMakesCalibratedNetworksSparser) {
  CalibrateOptions o;
  o.epochs = 2;
  o.timesteps = 8;
  o.batch_size = 64;
  o.augmentation = {1, false, 0};
  o.compute.threads = 1;
  const auto synops = [&](double weight) {
    o.synop_weight = weight;
    o.held_out = 0.1;
    const auto result = calibrate(testing::trained_digits(), digits_.train, o);
    const auto program = compiler::lower(passes::substitute_if(result.graph)).program;
    return std::make_pair(result.chosen_epoch,
                          metrics::evaluate(*runtime::compile(program, "cpu"), digits_.test).synops_per_image);
  };
  const auto plain = synops(0), sparse = synops(10);
  ASSERT_GT(sparse.first, 0);
  EXPECT_LT(sparse.second, 0.9 * plain.second);
}

}  // namespace
}  // namespace neurocuda::conversion
