#include <gtest/gtest.h>

#include "conversion/layerwise/image_blocks.hpp"
#include "conversion/layerwise/layer_neurons.hpp"
#include "conversion/layerwise/read_values.hpp"
#include "conversion/layerwise/ridge_regression.hpp"
#include "conversion/layerwise/sent_values.hpp"
#include "conversion/layerwise/thresholds.hpp"
#include "conversion/layerwise/unfolded_rows.hpp"
#include "neurocuda/ir/analysis.hpp"

namespace neurocuda::conversion::layerwise {
namespace {

TEST(Thresholds, AreTheBestOfTheCandidates) {
  torch::manual_seed(1);
  const auto a = torch::relu(torch::randn({60, 3, 4, 4}) * torch::tensor({1.0F, 1e-9F, 3e9F}).view({1, 3, 1, 1}));
  const ImageBlocks blocks(torch::zeros({60, 1}), 20);
  const auto theta = least_squares_thresholds(blocks, a.split(20), 4);
  for (std::int64_t c = 0; c < 3; ++c) {
    const auto values = a.select(1, c).flatten().to(torch::kFloat64);
    const auto error = [&](double threshold) {
      const auto levels = (values * 4 / threshold + 0.5).floor().clamp(0, 4);
      return (levels * threshold / 4 - values).square().mean().item<double>();
    };
    const double chosen = theta[c].item<double>(), largest = values.max().item<double>();
    for (int i = 0; i < 37; ++i)
      EXPECT_LE(error(chosen), 1.0001 * error(largest * (0.1 + 0.9 * i / 36))) << c << " " << i;
  }
}

TEST(Thresholds, ScaleWithTheActivations) {
  torch::manual_seed(2);
  const auto a = torch::relu(torch::randn({40, 2, 3, 3}));
  const ImageBlocks blocks(torch::zeros({40, 1}), 20);
  const auto theta = least_squares_thresholds(blocks, a.split(20), 8);
  const auto scaled = least_squares_thresholds(blocks, (a * 0x1p-30).split(20), 8);
  EXPECT_TRUE(torch::equal(scaled, theta * 0x1p-30));
}

TEST(Thresholds, OfSilentChannelsAreThoseOfTheOthers) {
  auto a = torch::rand({10, 3});
  a.select(1, 1).zero_();
  const ImageBlocks blocks(torch::zeros({10, 1}), 5);
  const auto theta = least_squares_thresholds(blocks, a.split(5), 4);
  EXPECT_TRUE(theta[1].item<float>() == theta[0].item<float>() || theta[1].item<float>() == theta[2].item<float>());
  EXPECT_TRUE(torch::equal(least_squares_thresholds(blocks, torch::zeros({10, 3}).split(5), 4), torch::ones({3})));
}

TEST(UnfoldedRows, TimesTheWeightAreTheConvolution) {
  torch::manual_seed(3);
  for (const std::int64_t groups : {1, 2}) {
    ir::Conv2d conv;
    conv.weight = Tensor<float>({6, 4 / groups, 3, 2});
    conv.window = {{3, 2}, {2, 1}, {1, 0}, {1, 2}};
    conv.groups = groups;
    const ir::Node node{"conv", conv, {}};
    const auto x = torch::randn({5, 4, 9, 8}), weight = torch::randn({6, 4 / groups, 3, 2});
    const auto y = torch::conv2d(x, weight, {}, {2, 1}, {1, 0}, {1, 2}, groups);
    const auto at = sampled_positions(5, y.size(2) * y.size(3), 7, 11);
    const auto rows = unfolded_rows(node, x, y.sizes().slice(1).vec(), at);
    const auto flat = flat_weight(node, weight);
    ASSERT_EQ(rows.sizes(), (std::vector<std::int64_t>{groups, 35, 24 / groups}));
    const auto product = rows.matmul(flat.transpose(1, 2)).permute({1, 0, 2}).reshape({35, 6});
    EXPECT_TRUE(torch::allclose(product, rows_of_current(y, at), 1e-4, 1e-5));
    EXPECT_TRUE(torch::equal(from_flat_weight(node, flat, weight), weight));
  }
}

TEST(SampledPositions, AreDifferentAndThoseOfTheSeed) {
  const auto chosen = sampled_positions(3, 10, 4, 5);
  EXPECT_TRUE(torch::equal(chosen, sampled_positions(3, 10, 4, 5)));
  EXPECT_FALSE(torch::equal(chosen, sampled_positions(3, 10, 4, 6)));
  EXPECT_EQ(std::get<0>(at::_unique(chosen)).numel(), 12);
  EXPECT_EQ(sampled_positions(2, 3, 8, 1).numel(), 6);
}

void each(std::int64_t count, const std::function<void(std::int64_t)>& work) {
  for (std::int64_t i = 0; i < count; ++i) work(i);
}

/// Sums over some rows.
NormalEquations sums_of(const torch::Tensor& x, const torch::Tensor& y, const torch::Tensor& w0) {
  NormalEquations part, sums;
  part.add(x, y, w0);
  sums.add(part);
  return sums;
}

TEST(Refit, FindsTheWeightsThatMadeTheCurrents) {
  torch::manual_seed(4);
  const auto x = torch::rand({4000, 5}), w = torch::randn({5, 3}), constant = torch::randn({1, 3});
  const auto y = x.matmul(w) + constant;
  const auto wrong = torch::cat({w + 0.3 * torch::randn({5, 3}), constant});
  NormalEquations seen = sums_of(x.narrow(0, 0, 3000), y.narrow(0, 0, 3000), wrong);
  const NormalEquations held_out = sums_of(x.narrow(0, 3000, 1000), y.narrow(0, 3000, 1000), wrong);
  const Refit found = refit(seen, held_out, wrong, {5}, each);
  EXPECT_EQ(found.refitted, 1);
  EXPECT_LT(found.error_after, 1e-3 * found.error_before);
  EXPECT_LT((found.weights.narrow(0, 0, 5) - w).abs().max().item<float>(), 0.02);
  const auto rest = (x.matmul(wrong.narrow(0, 0, 5)) + wrong[5] - y).narrow(0, 3000, 1000);
  const auto variance = y.narrow(0, 3000, 1000).var(0, false).sum().item<double>();
  EXPECT_NEAR(found.error_before, rest.var(0, false).sum().item<double>() / variance, 1e-4);
}

TEST(Refit, KeepsWhatIsBestAlready) {
  torch::manual_seed(5);
  const auto x = torch::rand({400, 60}), w = torch::randn({60, 2});
  const auto y = x.matmul(w) + torch::randn({400, 2});
  const auto given = torch::cat({w, torch::zeros({1, 2})});
  // Too few rows for 60 inputs: a fit would follow the noise.
  NormalEquations seen = sums_of(x.narrow(0, 0, 80), y.narrow(0, 0, 80), given);
  const Refit found = refit(seen, sums_of(x.narrow(0, 80, 320), y.narrow(0, 80, 320), given), given, {60}, each);
  EXPECT_EQ(found.refitted, 0);
  EXPECT_EQ(found.lambda, 0);
  EXPECT_TRUE(torch::equal(found.weights, given));
}

/// A source in another unit changes nothing else.
TEST(Refit, DoesNotDependOnTheUnitOfASource) {
  torch::manual_seed(8);
  const auto a = torch::rand({600, 4}), b = torch::rand({600, 3}), w = torch::randn({7, 2}), y = torch::randn({600, 2});
  const auto weights_for = [&](double unit) {
    const auto x = torch::cat({a, b * unit}, 1);
    const auto start = torch::cat({w.narrow(0, 0, 4), w.narrow(0, 4, 3) / unit, torch::zeros({1, 2})});
    NormalEquations seen = sums_of(x.narrow(0, 0, 400), y.narrow(0, 0, 400), start);
    const NormalEquations held_out = sums_of(x.narrow(0, 400, 200), y.narrow(0, 400, 200), start);
    auto weights = refit(seen, held_out, start, {4, 3}, each).weights;
    weights.narrow(0, 4, 3).mul_(unit);
    return weights;
  };
  EXPECT_TRUE(torch::allclose(weights_for(0x1p-20), weights_for(1), 1e-5, 1e-6));
  for (const double unit : {1e-8, 1e8}) EXPECT_TRUE(torch::allclose(weights_for(unit), weights_for(1), 1e-4, 1e-4));
}

TEST(NormalEquations, KnowTheErrorOfAnyChange) {
  torch::manual_seed(6);
  const auto x = torch::rand({500, 4}), y = torch::randn({500, 2}), w0 = torch::randn({5, 2}),
             change = torch::randn({5, 2});
  const NormalEquations sums = sums_of(x, y, w0);
  const auto w = w0 + change;
  const auto residual = y - x.matmul(w.narrow(0, 0, 4)) - w[4];
  const auto expected = (residual - residual.mean(0)).square().mean(0);
  EXPECT_TRUE(torch::allclose(sums.error(change.to(torch::kFloat64)).to(torch::kFloat32), expected, 1e-4, 1e-6));
}

TEST(SentValues, KeepTheSignsOfSignedSpikes) {
  torch::manual_seed(6);
  const auto theta = torch::tensor({0.5F, 2.0F});
  SentValues sent(theta, 11, true);
  std::vector<torch::Tensor> spikes;
  auto sum = torch::zeros({3, 2, 4, 4});
  for (int t = 0; t < 11; ++t) {
    spikes.push_back(torch::randint(-1, 2, {3, 2, 4, 4}).to(torch::kInt8));
    sent.add_timestep(spikes.back());
  }
  const auto unit = theta.view({1, 2, 1, 1});
  for (int t = 0; t < 11; ++t) {
    EXPECT_TRUE(torch::equal(sent.at(t), spikes[static_cast<std::size_t>(t)] * unit)) << t;
    sum += spikes[static_cast<std::size_t>(t)];
    EXPECT_TRUE(torch::equal(sent.until(t), sum * unit)) << t;
  }
  EXPECT_TRUE(torch::equal(sent.counts(), sum.to(torch::kInt16)));
  EXPECT_TRUE(torch::allclose(sent.mean(), sum * unit / 11));
}

/// Spikes of 1 where a plain neuron has them; of -1 only where v < 0 and more spikes of 1 than of -1 came before.
TEST(LayerNeurons, SignedOnesTakeBack) {
  const auto theta = torch::tensor({1.0F}), v0 = torch::tensor({0.5F});
  const ImageBlocks images(torch::zeros({2, 1}), 1);
  LayerNeurons neurons(images, theta, v0, true);
  const auto none = torch::zeros({1}, torch::kFloat64);
  const std::vector<float> currents{0.75F, -0.5F, -2.0F, -1.0F, 4.0F};
  const std::vector<int> expected{1, -1, 0, 0, 1};  // v: 1.25 -> 0.25, -0.25 -> 0.75, -1.25, -2.25, 1.75
  for (std::size_t t = 0; t < currents.size(); ++t) {
    neurons.integrate(0, torch::full({1, 1, 1, 1}, currents[t]));
    EXPECT_EQ(neurons.would_fire(0, none).item<int>(), expected[t]) << t;
    EXPECT_EQ(neurons.fire(0, none).item<int>(), expected[t]) << t;
  }
}

TEST(SentValues, KeepEveryTimestep) {
  torch::manual_seed(7);
  const auto theta = torch::tensor({0.5F, 2.0F});
  SentValues sent(theta, 11);
  std::vector<torch::Tensor> spikes;
  for (int t = 0; t < 11; ++t) {
    spikes.push_back(torch::rand({3, 2, 2, 2}) > 0.5);
    sent.add_timestep(spikes.back());
  }
  auto sum = torch::zeros({3, 2, 2, 2});
  for (int t = 0; t < 11; ++t) {
    const auto value = spikes[static_cast<std::size_t>(t)].to(torch::kFloat32) * theta.view({1, 2, 1, 1});
    EXPECT_TRUE(torch::equal(sent.at(t), value)) << t;
    sum += value;
  }
  EXPECT_TRUE(torch::allclose(sent.mean(), sum / 11));
  for (const int until : {0, 3, 3, 10, 2}) {  // in order and back again
    auto counted = torch::zeros({3, 2, 2, 2});
    for (int t = 0; t <= until; ++t) counted += spikes[static_cast<std::size_t>(t)];
    EXPECT_TRUE(torch::equal(sent.until(until), counted * theta.view({1, 2, 1, 1}))) << until;
  }
}

/// conv -> IF -> max pool of 2 -> linear; with `beside`, a linear layer reads the neurons as well.
ir::Graph with_max_pool(bool beside) {
  ir::Graph graph;
  graph.add("input", ir::Input{{2, 4, 4}, {}});
  graph.add("conv", ir::Conv2d{Tensor<float>({2, 2, 1, 1}, 1.0F), {}, {}}, {0});
  const auto neurons = graph.add("neurons", ir::IF{Tensor<float>({2}, 1.0F), Tensor<float>({2}, 0.5F)}, {1});
  const auto max = graph.add("max", ir::MaxPool2d{{{2, 2}, {2, 2}}, {0, 1}}, {neurons});
  const auto flat = graph.add("flat", ir::Flatten{}, {max});
  ir::NodeId last = graph.add("fc", ir::Linear{Tensor<float>({3, 8}, 1.0F), {}}, {flat});
  if (beside) {
    const auto all = graph.add("all", ir::Flatten{}, {neurons});
    last = graph.add("sum", ir::Add{}, {last, graph.add("fc2", ir::Linear{Tensor<float>({3, 32}, 1.0F), {}}, {all})});
  }
  graph.add("output", ir::Output{}, {last});
  return graph;
}

TEST(ReadValues, AreThoseBehindAMaxPoolThatAllReadersRead) {
  torch::manual_seed(9);
  const ir::Graph graph = with_max_pool(false), both = with_max_pool(true);
  const ReadValues read(graph, 2, ir::infer_shapes(graph)), unpooled(both, 2, ir::infer_shapes(both));
  EXPECT_EQ(read.positions(), 4);
  EXPECT_EQ(unpooled.positions(), 16);
  const auto counts = torch::randint(0, 4, {5, 2, 4, 4}, torch::kInt16), spikes = torch::rand({5, 2, 4, 4}) > 0.5;
  const auto pooled = [](const torch::Tensor& x) {
    const auto under = x.to(torch::kFloat32).unfold(2, 2, 2).unfold(3, 2, 2).flatten(4);
    return torch::stack({under.select(1, 0).amax(3), under.select(1, 1).amin(3)}, 1);
  };
  EXPECT_TRUE(torch::equal(read.of(counts), pooled(counts)));
  EXPECT_TRUE(torch::equal(read.growth(counts, spikes), pooled(counts + spikes) - pooled(counts)));
  EXPECT_TRUE(torch::equal(read.growth({}, spikes), pooled(spikes)));
  EXPECT_TRUE(torch::equal(unpooled.growth(counts, spikes), spikes));
}

TEST(ReadAt, AMaxPoolIsOneOfCounts) {
  torch::manual_seed(10);
  const ir::Graph graph = with_max_pool(false);
  const auto theta = torch::tensor({0.5F, 2.0F});
  SentValues sent(theta, 9);
  auto counts = torch::zeros({3, 2, 4, 4}), before = torch::zeros({3, 8});
  for (int t = 0; t < 9; ++t) sent.add_timestep(torch::rand({3, 2, 4, 4}) > 0.6);
  const BranchPath path = layer_paths(graph).back().branches[0];
  for (int t = 0; t < 9; ++t) {
    counts += sent.at(t);
    const auto now = behind_pools(graph, path, counts);
    EXPECT_TRUE(torch::allclose(read_at(graph, path, sent, t), now - before)) << t;
    before = now;
  }
}

TEST(ImageBlocks, AddUpInOrder) {
  const ImageBlocks blocks(torch::arange(10).to(torch::kFloat32).view({10, 1}), 4);
  EXPECT_EQ(blocks.count(), 3);
  EXPECT_EQ(blocks.sum(3, [&](std::int64_t block) { return blocks[block].sum(); }).item<double>(), 45);
}

}  // namespace
}  // namespace neurocuda::conversion::layerwise
