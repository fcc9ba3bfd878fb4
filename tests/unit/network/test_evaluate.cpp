#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

#include "neurocuda/ir/analysis.hpp"
#include "neurocuda/network/evaluate.hpp"
#include "neurocuda/passes/passes.hpp"
#include "support/evaluate.hpp"
#include "support/random_graph.hpp"

namespace neurocuda::network {
namespace {

using testing::random_graph;
using testing::random_image;

Tensor<float> batch_of(const ir::Graph& graph, std::uint64_t seed) {
  const auto image = random_image(graph, seed);
  Shape shape = graph.input_operator().shape;
  shape.insert(shape.begin(), 1);
  return {shape, std::vector<float>(image.begin(), image.end())};
}

std::map<std::string, Tensor<float>> random_lambdas(const ir::Graph& graph, std::uint64_t seed) {
  Random random(seed);
  const auto shapes = ir::infer_shapes(graph);
  std::map<std::string, Tensor<float>> lambdas;
  for (ir::NodeId id = 0; id < graph.size(); ++id) {
    if (graph.node(id).as<ir::ReLU>())
      lambdas[graph.node(id).name] = testing::random_tensor(random, {shapes[id][0]}, 0.3, 3.0);
  }
  return lambdas;
}

ir::Graph random_qcfs(std::uint64_t seed, std::int64_t levels) {
  const ir::Graph folded = passes::fold_batch_norm(random_graph(seed, true));
  return passes::substitute_qcfs(folded, random_lambdas(folded, seed), levels);
}

FloatOptions one_thread() {
  FloatOptions options;
  options.compute.threads = 1;
  return options;
}

// Every ANN operator on random shapes: libtorch against plain loops in double precision.
TEST(RunFloat, AgreesWithPlainLoops) {
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    const ir::Graph graph = random_graph(seed, seed % 2 == 0);
    const Tensor<float> images = batch_of(graph, seed + 1000);
    const auto expected = testing::evaluate(graph, {images.values().begin(), images.values().end()});
    const Tensor<float> logits = run_float(graph, images.view(), one_thread());
    ASSERT_EQ(logits.size(), static_cast<std::int64_t>(expected.size()));
    for (std::int64_t i = 0; i < logits.size(); ++i)
      EXPECT_NEAR(logits[i], expected[i], 1e-4 * (1 + std::abs(expected[i]))) << "seed " << seed;
  }
}

TEST(RunFloat, FoldingBatchNormsChangesNothing) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const ir::Graph graph = random_graph(seed, true);
    const Tensor<float> images = batch_of(graph, seed);
    const auto before = run_float(graph, images.view(), one_thread());
    const auto after = run_float(passes::fold_batch_norm(graph), images.view(), one_thread());
    for (std::int64_t i = 0; i < before.size(); ++i) EXPECT_NEAR(before[i], after[i], 1e-4 * (1 + std::abs(before[i])));
  }
}

TEST(RunFloat, RefusesImagesOfAnotherShape) {
  const Tensor<float> wrong({1, 2, 3, 4});
  EXPECT_THROW(run_float(random_graph(1, false), wrong.view(), one_thread()), UserError);
}

/// Number of spikes that `value` (a mean output over T) stands for, for each neuron.
std::vector<std::int64_t> counts(const Tensor<float>& value, const Tensor<float>& lambda, double steps) {
  std::vector<std::int64_t> result;
  const std::int64_t plane = value.size() / lambda.size();
  for (std::int64_t i = 0; i < value.size(); ++i) result.push_back(std::llround(value[i] / lambda[i / plane] * steps));
  return result;
}

// DESIGN: the exact mode gives QCFS with L = T by construction. In float32 the two sum in another order, so a value
// that lies on a step of the staircase may fall to either side (a tie) and everything behind it may follow; the layers
// before the first tie must agree, and ties must be rare.
TEST(ExactMode, CountsEqualQcfsWithLevelsEqualToTimesteps) {
  std::int64_t compared = 0, differing = 0;
  for (std::uint64_t seed = 0; seed < 30; ++seed) {
    const int timesteps = 1 << (seed % 6);
    const ir::Graph qcfs = random_qcfs(seed, timesteps);
    const Tensor<float> images = batch_of(qcfs, seed);
    FloatOptions options = one_thread();
    options.timesteps = timesteps;
    options.mode = program::Mode::exact;
    const auto expected = activation_values(qcfs, images.view(), options);
    const auto actual = activation_values(passes::substitute_if(qcfs), images.view(), options);
    ASSERT_EQ(expected.size(), actual.size());
    std::size_t layer = 0;
    for (ir::NodeId id = 0; id < qcfs.size(); ++id) {
      const auto* activation = qcfs.node(id).as<ir::QCFS>();
      if (!activation) continue;
      const auto wanted = counts(expected[layer], activation->lambda, timesteps);
      const auto got = counts(actual[layer], activation->lambda, timesteps);
      ++layer;
      compared += static_cast<std::int64_t>(wanted.size());
      const auto here = static_cast<std::int64_t>(wanted.size()) - std::inner_product(wanted.begin(), wanted.end(),
                                                                                      got.begin(), std::int64_t{0},
                                                                                      std::plus<>(), std::equal_to<>());
      differing += here;
      if (here > 0) break;  // what follows a tie has other inputs
    }
  }
  RecordProperty("compared", std::to_string(compared));
  RecordProperty("ties", std::to_string(differing));
  EXPECT_GT(compared, 3000);
  EXPECT_LE(differing, compared / 1000) << "more than ties";
}

// With T steps and constant input, the first layer's synchronous rate is the clipped staircase as well.
TEST(SynchronousMode, ConvergesToTheQcfsValuesAsTimeGrows) {
  const ir::Graph qcfs = random_qcfs(3, 512);
  const Tensor<float> images = batch_of(qcfs, 3);
  FloatOptions options = one_thread();
  const auto expected = run_float(qcfs, images.view(), options);
  const auto error_at = [&](int timesteps) {
    options.timesteps = timesteps;
    const auto actual = run_float(passes::substitute_if(qcfs), images.view(), options);
    double error = 0, size = 0;
    for (std::int64_t i = 0; i < actual.size(); ++i) {
      error += std::abs(actual[i] - expected[i]);
      size += std::abs(expected[i]);
    }
    return error / size;
  };
  EXPECT_LT(error_at(512), 0.05);
  EXPECT_LT(error_at(512), error_at(4));
}

TEST(SynchronousMode, RefusesTimestepsOutOfRange) {
  const ir::Graph spiking = passes::substitute_if(random_qcfs(3, 4));
  const Tensor<float> images = batch_of(spiking, 3);
  for (const int timesteps : {0, -1, 100000}) {
    FloatOptions options = one_thread();
    options.timesteps = timesteps;
    EXPECT_THROW(run_float(spiking, images.view(), options), UserError);
  }
}

}  // namespace
}  // namespace neurocuda::network
