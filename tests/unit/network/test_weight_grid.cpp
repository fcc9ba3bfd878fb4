#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "neurocuda/compiler/compiler.hpp"
#include "neurocuda/ir/analysis.hpp"
#include "neurocuda/ir/branches.hpp"
#include "neurocuda/network/weight_grid.hpp"
#include "neurocuda/neurons/qcfs.hpp"
#include "neurocuda/passes/passes.hpp"
#include "support/random_graph.hpp"

namespace neurocuda::network {
namespace {

/// The float network adds row t of the table at t, and their mean beyond.
TEST(Forward, BiasesByTimestep) {
  ir::Graph graph;
  ir::NodeId at = graph.add("input", ir::Input{{2}, {}});
  at = graph.add("fc", ir::Linear{Tensor<float>({2, 2}, {1, 0, 0, 1}), std::nullopt}, {at});
  ir::IF neurons{Tensor<float>({2}, {1, 1}), Tensor<float>({2}, {0.5F, 0.5F}),
                 Tensor<float>({2, 2}, {0.5F, -9, 0, 9.5F})};
  at = graph.add("if", neurons, {at});
  at = graph.add("out", ir::Linear{Tensor<float>({2, 2}, {1, 0, 0, 1}), std::nullopt}, {at});
  graph.add("output", ir::Output{Tensor<float>({1, 2}, {10, 20})}, {at});
  Network network(graph, torch::kCPU);
  ForwardOptions options;
  options.timesteps = 3;
  const torch::NoGradGuard no_grad;
  const auto logits = network.forward(torch::tensor({{0.0F, 0.0F}}), options);
  const auto expected = torch::tensor({11.0F, 20.0F, 10.0F, 21.0F, 10.0F, 20.0F}).view({3, 1, 2});
  EXPECT_TRUE(torch::equal(logits, expected)) << logits;
  EXPECT_EQ(network.to_graph().node(2).as<ir::IF>()->bias_by_timestep.values()[1], -9);
}

torch::Tensor steps_of(const torch::Tensor& x, const torch::Tensor& lambda, std::int64_t levels) {
  const auto l = lambda.view({1, -1, 1, 1});
  return l * ((x * levels / l + 0.5).floor() / levels).clamp(0, 1);
}

TEST(Qcfs, IsTheClippedStaircase) {
  torch::manual_seed(0);
  const auto x = torch::randn({3, 5, 4, 6}) * 2;
  const auto lambda = torch::rand({5}) + 0.5;
  for (const std::int64_t levels : {1, 4, 8, 31}) {
    const auto h = neurons::qcfs(x, lambda, levels);
    EXPECT_LE((h - steps_of(x, lambda, levels)).abs().max().item<float>(), 1e-6F);
  }
}

TEST(Qcfs, GradientsFollowTheStraightThroughRule) {
  torch::manual_seed(1);
  const auto x = (torch::randn({7, 5, 9, 6}) * 2).set_requires_grad(true);
  const auto lambda = (torch::rand({5}) + 0.5).set_requires_grad(true);
  const auto g = torch::randn({7, 5, 9, 6});
  const auto h = neurons::qcfs(x, lambda, 4);
  (h * g).sum().backward();
  const torch::NoGradGuard no_grad;
  const auto l = lambda.view({1, -1, 1, 1});
  const auto above = x.ge(l), inside = x.gt(0).logical_and(above.logical_not());
  const auto expected_lambda =
      (g * torch::where(above, torch::ones_like(x), torch::where(inside, (h - x) / l, torch::zeros_like(x))))
          .sum(torch::IntArrayRef{0, 2, 3});
  EXPECT_TRUE(torch::allclose(x.grad(), g * inside));
  EXPECT_TRUE(torch::allclose(lambda.grad(), expected_lambda, 1e-4, 1e-4));
}

/// The first random graph from `seed` on that states its normalisation, which the input grid follows from; its batch
/// norms are live.
ir::Graph random_live_qcfs(std::uint64_t seed) {
  ir::Graph ann = testing::random_graph(seed, true);
  while (ann.input_operator().normalization.empty()) ann = testing::random_graph(++seed + 1000, true);
  const ir::Graph folded = passes::fold_batch_norm(ann);
  Random random(seed);
  const auto shapes = ir::infer_shapes(folded);
  std::map<std::string, Tensor<float>> lambdas;
  for (ir::NodeId id = 0; id < folded.size(); ++id) {
    if (folded.node(id).as<ir::ReLU>())
      lambdas[folded.node(id).name] = testing::random_tensor(random, {shapes[id][0]}, 0.5, 2.0);
  }
  return passes::substitute_qcfs(ann, lambdas, 4);
}

ir::Graph random_qcfs(std::uint64_t seed) { return passes::fold_batch_norm(random_live_qcfs(seed)); }

const Tensor<std::int8_t>* weight_of(const program::SynapseGroup& group) {
  if (const auto* conv = std::get_if<program::Conv>(&group.connection)) return &conv->weight;
  if (const auto* linear = std::get_if<program::Linear>(&group.connection)) return &linear->weight;
  return nullptr;
}

/// Every int8 weight of a Program, in units of w' theta_source gain / k: what training must have seen.
struct Comparison {
  std::int64_t weights = 0, differing = 0;
};

void compare_group(const program::SynapseGroup& group, const torch::Tensor& trained, const torch::Tensor& source_units,
                   const std::vector<double>& k, Comparison& comparison) {
  const auto* codes = weight_of(group);
  const auto units = (trained * source_units).contiguous();
  const std::int64_t row = units.numel() / units.size(0);
  for (std::int64_t i = 0; i < units.numel(); ++i) {
    const double code = units.data_ptr<float>()[i] / k[static_cast<std::size_t>(i / row)];
    ++comparison.weights;
    comparison.differing += std::abs(code - (*codes)[i]) > 1e-2;
  }
}

// Quantisation-aware training must see the weights that the compiler will choose. Ties that float and double round
// apart are rare.
TEST(WeightGrid, IsTheGridOfTheCompiler) {
  Comparison comparison;
  for (std::uint64_t seed = 0; seed < 25; ++seed) {
    const ir::Graph qcfs = random_qcfs(seed);
    const auto lowered = compiler::lower(passes::substitute_if(qcfs));
    Network network(qcfs, torch::kCPU);
    const auto trained = WeightGrid(qcfs).apply(network, {8, 8});
    for (const program::Node& node : lowered.program.nodes) {
      for (const program::SynapseGroup& group : program::groups_of(node)) {
        if (!weight_of(group) || !qcfs.contains(group.name)) continue;
        const ir::NodeId id = qcfs.find(group.name);
        const auto* layer = node.as<program::IfLayer>();
        const auto rows = static_cast<std::size_t>(trained.at(id).size(0));
        const std::vector<double> k =
            layer ? layer->scale : std::vector<double>(rows, node.as<program::Accumulator>()->scale);
        const auto shifted = std::any_of(group.shift.begin(), group.shift.end(), [](auto s) { return s != 0; });
        if (shifted) continue;
        compare_group(group, trained.at(id), WeightGrid(qcfs).units(network, id, {8, 8}), k, comparison);
      }
    }
  }
  EXPECT_GT(comparison.weights, 5000);
  EXPECT_LE(comparison.differing, comparison.weights / 1000);
}

TEST(WeightGrid, PassesTheGradientStraightThrough) {
  const ir::Graph qcfs = random_qcfs(2);
  Network network(qcfs, torch::kCPU);
  network.set_requires_grad(true);
  for (const auto& [id, weight] : WeightGrid(qcfs).apply(network, {8, 8})) {
    weight.sum().backward();
    EXPECT_TRUE(torch::equal(network.tensors(id).weight.grad(), torch::ones_like(weight)));
  }
}

// While batch norms are trained, the loss must see what folding them in will leave on the grid.
TEST(WeightGrid, SeesThroughLiveBatchNorms) {
  std::int64_t weights = 0, differing = 0;
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    const ir::Graph live_graph = random_live_qcfs(seed);
    Network live(live_graph, torch::kCPU), folded(passes::fold_batch_norm(live_graph), torch::kCPU);
    const auto expected = folded.weight_grid().apply(folded, {4, 8});
    // The rounded weights in place, then the batch norms folded.
    for (const auto& [id, weight] : live.weight_grid().apply(live, {4, 8})) live.tensors(id).weight.copy_(weight);
    const ir::Graph trained = passes::fold_batch_norm(live.to_graph());
    Network trained_network(trained, torch::kCPU);
    for (const auto& [id, weight] : expected) {
      const auto seen = trained_network.tensors(trained.find(folded.graph().node(id).name)).weight;
      weights += weight.numel();
      differing += (seen - weight).abs().gt(1e-4).sum().item<std::int64_t>();
    }
  }
  EXPECT_GT(weights, 2000);
  EXPECT_LE(differing, weights / 1000);
}

TEST(WeightGrid, LoweringASnappedNetworkRoundsNothing) {
  for (std::uint64_t seed = 0; seed < 25; ++seed) {
    Network network(random_qcfs(seed), torch::kCPU);
    network.weight_grid().snap(network, {8, 8});
    const auto lowered = compiler::lower(passes::substitute_if(network.to_graph()));
    for (std::size_t layer = 0; layer < lowered.rounding.size(); ++layer) {
      const auto& node = *std::find_if(lowered.program.nodes.begin(), lowered.program.nodes.end(),
                                       [&](const program::Node& n) { return n.name == lowered.rounding[layer].layer; });
      const auto& groups = program::groups_of(node);
      const bool skips = std::any_of(groups.begin(), groups.end(), [](const program::SynapseGroup& group) {
        return std::holds_alternative<program::Diagonal>(group.connection);
      });
      for (const auto& channel : lowered.rounding[layer].channels) {
        EXPECT_LT(channel.theta_error, 1e-4) << node.name;
        EXPECT_LT(channel.bias_error, 1e-4) << node.name;
        EXPECT_TRUE(skips || channel.weight_error < 1e-5) << node.name;
      }
    }
  }
}

TEST(WeightGrid, FewerBitsRoundMore) {
  const ir::Graph qcfs = random_qcfs(2);
  Network network(qcfs, torch::kCPU);
  const auto error = [&](int bits) {
    double sum = 0;
    for (const auto& [id, weight] : WeightGrid(qcfs).apply(network, {bits, 8}))
      sum += (weight - network.tensors(id).weight).abs().sum().item<double>();
    return sum;
  };
  EXPECT_LT(error(8), error(4));
  EXPECT_LT(error(4), error(2));
}

}  // namespace
}  // namespace neurocuda::network
