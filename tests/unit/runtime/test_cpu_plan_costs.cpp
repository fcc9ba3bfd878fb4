#include <gtest/gtest.h>

#include "runtime/cpu/plan/plan_costs.hpp"

namespace neurocuda {
namespace {

using namespace runtime::cpu;

constexpr Costs kCosts{64, 2, 30, 5, 10, 1};

/// A 3x3 convolution of a plane of 4x4.
struct Layer {
  PlannedNode source, target;
  PlannedGroup group;

  Layer(std::int64_t inputs, std::int64_t outputs, bool slides) {
    for (PlannedNode* node : {&source, &target}) {
      node->positions = 16;
      node->height = node->width = 4;
    }
    source.channels = inputs;
    target.channels = outputs;
    const program::Conv conv{Tensor<std::int8_t>({outputs, inputs, 3, 3}, 1), {{3, 3}, {1, 1}, {1, 1}, {1, 1}}, 1};
    group.convs = pack(conv, {inputs, 4, 4}, {outputs, 4, 4});
    group.windows.emplace_back();
    if (slides) group.windows.front() = window_weights(group.convs.front(), {256, 64});
  }
};

TEST(CpuPlanCosts, OfSlidingWindows) {
  const Layer layer(8, 100, true);
  const SynapseCosts costs = plan_costs(layer.source, layer.target, layer.group, kCosts);
  EXPECT_EQ(costs.per_spike, 9 * 2 * 2);                    // nine outputs, two vectors of 64 channels
  EXPECT_EQ(costs.per_timestep, 16 * 2 * 30);               // sixteen outputs
  EXPECT_EQ(costs.dense_per_timestep, 16 * 9 * 2 * 7 * 1);  // two times four inputs, seven times sixteen outputs
}

TEST(CpuPlanCosts, OfLists) {
  const Layer layer(8, 64, false);
  const SynapseCosts costs = plan_costs(layer.source, layer.target, layer.group, kCosts);
  EXPECT_EQ(costs.per_spike, 9 * 5);
  EXPECT_EQ(costs.per_timestep, 16 * 9 * 10);
}

/// The more spikes, the sooner products; narrow layers waste the lanes of windows.
TEST(CpuPlanCosts, NarrowLayersTurnToProductsSooner) {
  const auto break_even = [](const Layer& layer) {
    const SynapseCosts costs = plan_costs(layer.source, layer.target, layer.group, kCosts);
    const double spikes = (costs.dense_per_timestep - costs.per_timestep) / costs.per_spike;
    return spikes / static_cast<double>(layer.source.positions * layer.source.channels);
  };
  EXPECT_LT(break_even(Layer(64, 16, true)), break_even(Layer(64, 64, true)));
  EXPECT_GT(break_even(Layer(64, 64, true)), 0.1);
  EXPECT_LT(break_even(Layer(64, 64, true)), 1);
}

}  // namespace
}  // namespace neurocuda
