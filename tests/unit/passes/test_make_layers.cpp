#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "neurocuda/ir/hash.hpp"
#include "unit/passes/net.hpp"

namespace neurocuda::passes {
namespace {

using ::testing::HasSubstr;

/// The refusal, which diagnose() has at the same node.
std::string refusal(const ir::Graph& graph, std::string_view node) {
  const auto findings = diagnose(graph);
  const auto found = std::find_if(findings.begin(), findings.end(), [&](const Finding& f) { return f.node == node; });
  EXPECT_TRUE(found != findings.end() && found->verdict == Verdict::refused) << node;
  try {
    make_layers(graph);
  } catch (const ir::BranchRefusal& error) {
    EXPECT_EQ(error.reason, found->reason);
    return error.what();
  }
  ADD_FAILURE() << "was not refused";
  return "";
}

TEST(MakeLayers, LeavesLayersAsTheyAre) {
  Net net;
  net.classify(net.relu(net.norm(net.conv(0, 4, 3, 1))));
  EXPECT_EQ(ir::hash_of(make_layers(net.graph)), ir::hash_of(net.graph));
}

TEST(MakeLayers, ConcatOfSpikesIsSplitAmongItsReaders) {
  Net net;
  const NodeId a = net.relu(net.conv(0, 4, 3, 1)), b = net.relu(net.conv(0, 6, 1));
  net.classify(net.relu(net.conv(net.concat({a, b}), 5, 3, 1)));
  const ir::Graph made = expect_layers(net.graph);
  EXPECT_EQ(count<ir::ReLU>(made), 3);
  EXPECT_EQ(count<ir::Conv2d>(made), 4);
}

TEST(MakeLayers, DenseBlock) {
  Net net;
  NodeId stream = net.conv(0, 6, 3, 1, 1, 1, false);
  for (int i = 0; i < 3; ++i) {
    const NodeId bottleneck = net.conv(net.relu(net.norm(stream, -1, 1)), 8, 1, 0, 1, 1, false);
    stream = net.concat({stream, net.conv(net.relu(net.norm(bottleneck)), 4, 3, 1, 1, 1, false)});
  }
  const NodeId transition = net.avg_pool(net.conv(net.relu(net.norm(stream)), 6, 1), 2);
  net.classify(net.gap(net.relu(net.norm(transition))));
  expect_layers(net.graph);
}

TEST(MakeLayers, PreActivationStream) {
  Net net;
  NodeId stream = net.conv(0, 4, 3, 1);
  for (int i = 0; i < 3; ++i) {
    const NodeId inner = net.relu(net.norm(net.conv(net.relu(net.norm(stream)), 4, 3, 1)));
    stream = net.sum(stream, net.conv(inner, 4, 3, 1));
  }
  const NodeId shortcut = net.conv(stream, 8, 1, 0, 2);
  stream = net.sum(shortcut, net.conv(net.relu(net.norm(stream)), 8, 3, 1, 2));
  net.classify(net.gap(net.relu(net.norm(stream))));
  expect_layers(net.graph);
}

TEST(MakeLayers, LinearBottlenecks) {
  Net net;
  NodeId x = net.norm(net.conv(net.relu(net.conv(0, 6, 3, 1)), 4, 1));
  for (int i = 0; i < 2; ++i) {
    const NodeId wide = net.relu(net.norm(net.conv(x, 12, 1)));
    const NodeId deep = net.relu(net.norm(net.conv(wide, 12, 3, 1, 1, 12)));
    x = net.sum(x, net.norm(net.conv(deep, 4, 1)));
  }
  net.classify(net.gap(net.relu(net.norm(net.conv(x, 16, 1)))));
  expect_layers(net.graph);
}

TEST(MakeLayers, ConvolutionsInSequence) {
  Net net;
  NodeId x = net.relu(net.conv(0, 4, 3, 1));
  x = net.conv(net.conv(x, 6, 3, 1, 2), 4, 2, 0, 1, 2);               // strided, then grouped
  x = net.conv(net.conv(net.relu(x), 8, 3, 1, 1, 4), 6, 1, 0, 1, 2);  // grouped behind grouped
  net.classify(net.relu(x));
  const ir::Graph made = expect_layers(net.graph);
  EXPECT_EQ(count<ir::Conv2d>(made), 3);
}

TEST(MakeLayers, DilationsAndStridesCompose) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    Net net(seed, {2, 15, 15});
    Random random(seed);
    ir::Conv2d inner, outer;
    const auto axis = [&](std::int64_t high) { return 1 + random.below(high); };
    inner.window = {{axis(3), axis(3)}, {axis(2), axis(2)}, {axis(3) - 1, axis(3) - 1}, {axis(2), axis(2)}};
    outer.window = {{axis(2), axis(2)}, {axis(2), axis(2)}, {0, 0}, {axis(3), axis(3)}};
    inner.weight = net.values({4, 2, inner.window.kernel.height, inner.window.kernel.width}, -1, 1);
    outer.weight = net.values({3, 4, outer.window.kernel.height, outer.window.kernel.width}, -1, 1);
    const NodeId a = net.graph.add("inner", inner, {0});
    net.classify(net.relu(net.graph.add("outer", outer, {a})));
    expect_layers(net.graph);
  }
}

TEST(MakeLayers, ZeroPaddingComposesWithThePaddingBehindIt) {
  Net net;
  ir::Conv2d pad;  // one row above, two below; one column on the right
  pad.weight = Tensor<float>({3, 1, 2, 2});
  for (std::int64_t c = 0; c < 3; ++c) pad.weight[c * 4 + 2] = 1;
  pad.window = {{2, 2}, {1, 1}, {2, 1}};
  pad.groups = 3;
  const NodeId padded = net.graph.add("pad", pad, {0});
  EXPECT_EQ(net.shape(padded), (Shape{3, 11, 9}));
  net.classify(net.relu(net.conv(padded, 4, 3, 1, 2)));
  expect_layers(net.graph);
}

TEST(MakeLayers, MaxPoolsOfCurrentsMoveBehindTheReLU) {
  Net net;
  const NodeId a = net.relu(net.norm(net.max_pool(net.conv(0, 4, 3, 1), 2, 2)));
  const NodeId b = net.relu(net.max_pool(net.concat({net.conv(a, 4, 1), net.conv(a, 2, 3, 1)}), 3, 1, 1));
  net.classify(b);
  const ir::Graph made = expect_layers(net.graph);
  EXPECT_EQ(count<ir::MaxPool2d>(made), 3);
}

TEST(MakeLayers, MaxPoolsOfScaledSpikesKeepTheScale) {
  Net net;
  const NodeId x = net.relu(net.conv(0, 4, 3, 1));
  net.classify(net.relu(net.conv(net.max_pool(net.norm(x), 2, 2), 4, 2)));
  const ir::Graph made = expect_layers(net.graph);
  EXPECT_EQ(count<ir::ReLU>(made), 2);
}

TEST(MakeLayers, PaddingBeforeAMaxPoolOfSpikesBecomesThePools) {
  for (const std::int64_t tap : {0, 1}) {  // one row and column below and on the right; above and on the left
    Net net;
    const NodeId x = net.relu(net.conv(0, 4, 3, 1));
    ir::Conv2d pad;
    pad.weight = Tensor<float>({4, 1, 2, 2});
    for (std::int64_t c = 0; c < 4; ++c) pad.weight[c * 4 + (tap == 0 ? 3 : 0)] = 1;
    pad.window = {{2, 2}, {1, 1}, {1, 1}};
    pad.groups = 4;
    const NodeId pooled = net.max_pool(net.graph.add("pad", pad, {x}), 3, 2);
    net.classify(net.relu(net.conv(pooled, 4, 3, 1)));
    const ir::Graph made = expect_layers(net.graph);
    EXPECT_EQ(count<ir::Conv2d>(made), 2);
    EXPECT_EQ(made.node(made.find("max_pool")).as<ir::MaxPool2d>()->window.ceil_mode, tap == 0);
  }
}

TEST(MakeLayers, PoolsOfCurrentsByAverages) {
  Net net;
  const NodeId x = net.relu(net.avg_pool(net.conv(0, 4, 3, 1), 2));
  net.classify(net.relu(net.gap(net.conv(net.sum(x, net.conv(x, 4, 1)), 6, 1))));
  expect_layers(net.graph);
}

TEST(MakeLayers, AnActivationOrAPoolAtTheEnd) {
  Net squeeze;
  squeeze.output(
      squeeze.flatten(squeeze.gap(squeeze.relu(squeeze.conv(squeeze.relu(squeeze.conv(0, 4, 3, 1)), 5, 1)))));
  expect_layers(squeeze.graph);
  Net linear;
  linear.output(linear.flatten(linear.gap(linear.conv(linear.relu(linear.conv(0, 4, 3, 1)), 5, 3, 1))));
  expect_layers(linear.graph);
  Net vectors(1, {7});
  vectors.output(vectors.linear(vectors.linear(vectors.norm(vectors.relu(vectors.linear(0, 6))), 5), 3));
  expect_layers(vectors.graph);
}

TEST(MakeLayers, ConcatAndSliceOfFeatures) {
  Net net;
  const NodeId x = net.relu(net.conv(0, 4, 3, 1, 2));
  const NodeId whole = net.concat({net.flatten(x), net.relu(net.linear(net.flatten(x), 6))});
  net.output(net.linear(net.slice(whole, 3, 50), 4));
  expect_layers(net.graph);
  Net heads;
  const NodeId z = heads.flatten(heads.relu(heads.conv(0, 4, 3)));
  heads.output(heads.concat({heads.linear(z, 2), heads.linear(z, 3)}));
  expect_layers(heads.graph);
}

TEST(MakeLayers, FeaturesOfImagesOfOtherShapesAreAdded) {
  Net shapes;  // (4, 2, 2) and (16, 1, 1)
  const NodeId x = shapes.relu(shapes.conv(0, 4, 3, 0, 3));
  const NodeId y = shapes.relu(shapes.conv(0, 16, 8));
  ASSERT_EQ(shapes.shape(x), (Shape{4, 2, 2}));
  shapes.output(shapes.linear(shapes.relu(shapes.sum(shapes.flatten(x), shapes.flatten(y))), 3));
  expect_layers(shapes.graph);
  Net norms;  // a batch norm of features beside the features
  const NodeId z = norms.flatten(norms.relu(norms.conv(0, 4, 3, 0, 3)));
  norms.output(norms.linear(norms.relu(norms.sum(z, norms.norm(z))), 3));
  expect_layers(norms.graph);
}

TEST(MakeLayers, SmallGraphsThatStandForHugeOnesAreRefused) {
  Net sums;
  NodeId sum = sums.conv(0, 4, 1);
  for (int i = 0; i < 60; ++i) sum = sums.sum(sum, sum);
  sums.classify(sums.relu(sum));
  EXPECT_THROW(make_layers(sums.graph), ir::BranchRefusal);
  Net wide;
  NodeId whole = wide.relu(wide.conv(0, 4, 1));
  for (int i = 0; i < 25; ++i) whole = wide.concat({whole, whole});
  const NodeId pooled = wide.gap(wide.slice(whole, 0, 4));
  wide.classify(pooled);
  EXPECT_THROW(make_layers(wide.graph), ir::BranchRefusal);
  Net chain;
  NodeId deep = chain.relu(chain.conv(0, 4, 1));
  for (int i = 0; i < 20000; ++i) deep = chain.graph.add("same" + std::to_string(i), ir::Identity{}, {deep});
  chain.classify(deep);
  EXPECT_NO_THROW(make_layers(chain.graph));
}

TEST(MakeLayers, ChannelsAreSplitShuffledAndAdded) {
  Net net;
  const NodeId x = net.relu(net.conv(0, 6, 3, 1));
  const NodeId left = net.slice(x, 0, 2), right = net.relu(net.conv(net.slice(x, 2, 4), 4, 3, 1, 1, 4));
  const NodeId shuffled = net.concat({net.slice(right, 1, 2), left, net.slice(right, 3, 1), net.slice(right, 0, 1)});
  net.classify(net.relu(net.sum(net.sum(x, shuffled), net.conv(shuffled, 6, 1, 0, 1, 3))));
  expect_layers(net.graph);
}

TEST(MakeLayers, OneLayerForEachPartKeepsItsThresholds) {
  Net net;
  const NodeId stream = net.concat({net.conv(0, 2, 1), net.conv(0, 3, 3, 1)});
  const NodeId fired = net.graph.add("fire", ir::QCFS{net.values({5}, 0.5, 1.5), 4}, {stream});
  net.classify(fired);
  const ir::Graph made = expect_layers(net.graph);
  ASSERT_EQ(count<ir::QCFS>(made), 2);
  EXPECT_EQ(made.node(made.find("fire.1")).as<ir::QCFS>()->lambda[0], net.graph.node(fired).as<ir::QCFS>()->lambda[2]);
}

TEST(MakeLayers, LeavesOutChannelsThatNeverFire) {
  Net net;
  const NodeId first = net.norm(net.conv(0, 5, 3, 1));
  auto& norm = std::get<ir::BatchNorm2d>(net.graph.op(first));
  norm.gamma[1] = norm.gamma[3] = 0;
  norm.beta[1] = -1;
  norm.beta[3] = 0;
  norm.gamma[4] = 0;
  norm.beta[4] = 0.5F;  // constant, but it fires
  const NodeId pooled = net.max_pool(net.relu(first), 2, 2);
  const NodeId second = net.linear(net.flatten(net.relu(net.conv(pooled, 4, 3, 1))), 3);
  net.output(second);
  const ir::Graph made = expect_layers(net.graph);
  EXPECT_EQ(ir::infer_shapes(made)[made.find("relu")], (Shape{3, 8, 8}));
  EXPECT_EQ(made.node(made.find("conv_2")).as<ir::Conv2d>()->weight.shape(), (Shape{4, 3, 3, 3}));
}

TEST(MakeLayers, KeepsDeadChannelsWhoseIdentityIsRead) {
  Net net;
  const NodeId first = net.conv(0, 4, 3, 1);
  auto& conv = std::get<ir::Conv2d>(net.graph.op(first));
  std::fill_n(conv.weight.data(), 27, 0.0F);
  (*conv.bias)[0] = 0;
  const NodeId x = net.relu(first);
  net.classify(net.relu(net.sum(x, net.conv(x, 4, 3, 1))));
  EXPECT_EQ(ir::hash_of(make_layers(net.graph)), ir::hash_of(net.graph));
}

TEST(MakeLayers, ALayerThatNeverFiresKeepsOneChannel) {
  Net net;
  const NodeId dead = net.norm(net.conv(0, 4, 3, 1));
  std::get<ir::BatchNorm2d>(net.graph.op(dead)).gamma = Tensor<float>({4}, 0.0F);
  std::get<ir::BatchNorm2d>(net.graph.op(dead)).beta = Tensor<float>({4}, -1.0F);
  net.classify(net.relu(dead));
  const ir::Graph made = expect_layers(net.graph);
  EXPECT_EQ(ir::infer_shapes(made)[made.find("relu")][0], 1);
}

TEST(MakeLayers, RefusesWhatIsNotLinear) {
  Net border;
  border.classify(border.relu(border.conv(border.norm(border.relu(border.conv(0, 4, 3))), 4, 3, 1)));
  EXPECT_THAT(refusal(border.graph, "conv_2"), HasSubstr("its zero padding meets a bias"));
  Net between;
  between.classify(between.relu(between.conv(between.conv(0, 4, 3, 1, 1, 1, false), 4, 3, 1)));
  EXPECT_THAT(refusal(between.graph, "conv_2"), HasSubstr("put a ReLU before it"));
  Net pool;
  pool.classify(pool.relu(pool.conv(pool.max_pool(pool.conv(0, 4, 3), 2, 2), 4, 1)));
  EXPECT_THAT(refusal(pool.graph, "conv_2"), HasSubstr("reads the max pool 'max_pool' of currents"));
}

const std::vector<std::uint8_t>& minima_of(const ir::Graph& graph, const std::string& name) {
  return graph.node(graph.find(name)).as<ir::MaxPool2d>()->takes_minimum;
}

TEST(MakeLayers, NegativeFactorsMakeMinimaOfMaxima) {
  Net behind;  // the pool is done behind the ReLU
  const NodeId norm = behind.norm(behind.max_pool(behind.conv(0, 4, 3), 2, 2), -1, 1);
  auto& gamma = std::get<ir::BatchNorm2d>(behind.graph.op(norm)).gamma;
  gamma[0] = gamma[2] = -0.7F;
  gamma[1] = gamma[3] = 0.9F;
  behind.classify(behind.relu(norm));
  EXPECT_THAT(minima_of(expect_layers(behind.graph), "max_pool"), ::testing::ElementsAre(1, 0, 1, 0));

  Net before;  // ReLU, batch norm, max pool; then once more
  const NodeId first = before.norm(before.relu(before.conv(0, 4, 3)), -1.5, -0.5);
  std::get<ir::BatchNorm2d>(before.graph.op(first)).gamma[1] = 0.5F;
  const NodeId second = before.norm(before.max_pool(first, 2, 1), -1, -0.5);
  before.classify(before.relu(before.conv(before.max_pool(second, 2, 1), 4, 1)));
  const ir::Graph made = expect_layers(before.graph);
  EXPECT_THAT(minima_of(made, "max_pool"), ::testing::ElementsAre(1, 0, 1, 1));
  EXPECT_THAT(minima_of(made, "max_pool_2"), ::testing::ElementsAre(0, 1, 0, 0));

  Net both;  // one channel as the largest and as the smallest
  const NodeId x = both.relu(both.conv(0, 1, 3));
  ir::Conv2d twice;
  twice.weight = Tensor<float>({2, 1, 1, 1}, {1.0F, -1.0F});
  both.classify(both.relu(both.conv(both.max_pool(both.graph.add("twice", twice, {x}), 2, 2), 2, 1)));
  EXPECT_THAT(refusal(both.graph, "conv_2"), HasSubstr("reads the max pool 'max_pool' of currents"));
}

TEST(MakeLayers, MinimaStayWithTheirChannels) {
  Net net;
  const NodeId norm = net.norm(net.max_pool(net.conv(0, 5, 3), 2, 2), 0.5, 1);
  std::get<ir::BatchNorm2d>(net.graph.op(norm)).gamma[3] = -1;
  net.classify(net.relu(net.slice(norm, 2, 3)));
  EXPECT_THAT(minima_of(expect_layers(net.graph), "max_pool"), ::testing::ElementsAre(0, 1, 0));
}

TEST(MakeLayers, DiagnosisGoesOnBehindARefusal) {
  Net net;
  const NodeId first = net.conv(net.max_pool(net.conv(0, 4, 3), 2, 2), 4, 1);
  const NodeId second = net.conv(net.max_pool(net.conv(net.relu(first), 4, 1), 2, 1), 4, 1);
  net.classify(net.relu(net.concat({second, net.max_pool(net.relu(first), 2, 1)})));
  std::vector<std::string> refused;
  for (const Finding& finding : diagnose(net.graph)) {
    if (finding.verdict == Verdict::refused) refused.push_back(finding.node);
  }
  EXPECT_THAT(refused, ::testing::ElementsAre("conv_2", "conv_4"));
}

}  // namespace
}  // namespace neurocuda::passes
