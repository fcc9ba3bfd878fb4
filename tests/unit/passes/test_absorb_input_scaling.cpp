#include <gtest/gtest.h>

#include "neurocuda/ir/hash.hpp"
#include "unit/passes/net.hpp"

namespace neurocuda::passes {
namespace {

TEST(AbsorbInputScaling, PutsTheModelsOwnNormalisationIntoTheInput) {
  Net net(3, {2, 6, 6});
  ir::BatchNorm2d scaling{Tensor<float>({2}, {4.0F, 2.0F}), Tensor<float>({2}, {-1.0F, 0.5F}), Tensor<float>({2}, 0.0F),
                          Tensor<float>({2}, 1.0F), 0.0F};
  std::get<ir::Input>(net.graph.op(0)).normalization = {{0.5F, 0.25F}, {0.5F, 2.0F}};
  net.classify(net.relu(net.conv(net.graph.add("scaling", scaling, {0}), 4, 3, 1)));
  const ir::Graph absorbed = absorb_input_scaling(net.graph);
  // (p - 0.5) / 0.5 times 4 minus 1 = (p - 0.625) / 0.125
  EXPECT_EQ(absorbed.input_operator().normalization.mean, (std::vector<float>{0.625F, -0.25F}));
  EXPECT_EQ(absorbed.input_operator().normalization.stddev, (std::vector<float>{0.125F, 1.0F}));
  EXPECT_EQ(count<ir::BatchNorm2d>(absorbed), 0);
  for (const Finding& finding : diagnose(net.graph)) EXPECT_NE(finding.verdict, Verdict::refused) << finding.node;
}

TEST(AbsorbInputScaling, TakesChannelsThatAreScaledOneByOne) {
  Net net;
  std::vector<NodeId> channels;
  for (std::int64_t c = 0; c < 3; ++c) channels.push_back(net.norm(net.slice(0, c, 1)));
  net.classify(net.relu(net.conv(net.concat(channels), 4, 3, 1)));
  const ir::Graph made = expect_layers(absorb_input_scaling(net.graph));
  EXPECT_EQ(made.size(), 7U);
  EXPECT_EQ(made.input_operator().normalization.mean.size(), 3U);
  for (const Finding& finding : diagnose(net.graph)) EXPECT_NE(finding.verdict, Verdict::refused) << finding.node;
  Net shared;  // the input is read beside its scaled form
  const NodeId scaled = shared.norm(0);
  shared.classify(shared.relu(shared.sum(shared.conv(scaled, 4, 1), shared.conv(0, 4, 3, 1))));
  EXPECT_EQ(ir::hash_of(absorb_input_scaling(shared.graph)), ir::hash_of(shared.graph));
}

TEST(AbsorbInputScaling, LeavesNegativeFactorsAndSharedInputs) {
  Net net(3, {1, 6, 6});
  ir::BatchNorm2d negative{Tensor<float>({1}, -1.0F), Tensor<float>({1}, 0.0F), Tensor<float>({1}, 0.0F),
                           Tensor<float>({1}, 1.0F), 0.0F};
  net.classify(net.relu(net.conv(net.graph.add("negative", negative, {0}), 4, 3)));
  EXPECT_EQ(ir::hash_of(absorb_input_scaling(net.graph)), ir::hash_of(net.graph));
  expect_layers(net.graph);
}

}  // namespace
}  // namespace neurocuda::passes
