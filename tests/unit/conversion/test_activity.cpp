#include <gtest/gtest.h>

#include "conversion_settings.hpp"
#include "neurocuda/compiler/compiler.hpp"
#include "neurocuda/conversion/calibrate.hpp"
#include "neurocuda/ir/analysis.hpp"
#include "neurocuda/metrics/evaluation.hpp"
#include "neurocuda/network/network.hpp"
#include "neurocuda/passes/passes.hpp"
#include "neurocuda/runtime/backends.hpp"
#include "neurocuda/training/activity_penalty.hpp"
#include "support/digits_run.hpp"

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

// The penalty must speak of what the runtime counts.
TEST_F(QcfsDigits, SynopsPerSpikeAreThoseThatTheRuntimeCounts) {
  const ir::Graph graph = passes::fold_batch_norm(live(8));
  const auto reached = training::synops_per_spike(graph);
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
  network::Network network(live(8), torch::kCPU);
  training::ActivityPenalty penalty(network);
  EXPECT_FALSE(penalty.density().defined());
  const auto shapes = ir::infer_shapes(network.graph());
  for (ir::NodeId id = 0; id < network.graph().size(); ++id) {
    if (!network.graph().node(id).as<ir::QCFS>()) continue;
    const auto lambda = network::to_positive(network.tensors(id).lambda_raw).view({1, -1, 1, 1});
    penalty.see(id, lambda.expand({2, shapes[id][0], shapes[id][1], shapes[id][2]}));
  }
  EXPECT_NEAR(penalty.density().item<double>(), 1.0, 1e-5);
  penalty.reset();
  EXPECT_FALSE(penalty.density().defined());
}

TEST_F(QcfsDigits, ThePenaltyMakesCalibratedNetworksSparser) {
  Settings o = testing::digits_settings(2, 8);
  o.levels = 8;
  const auto synops = [&](double weight) {
    o.synop_weight = weight;
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
