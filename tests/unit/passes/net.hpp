#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "neurocuda/base/random.hpp"
#include "neurocuda/ir/analysis.hpp"
#include "neurocuda/ir/branches.hpp"
#include "neurocuda/ir/contains.hpp"
#include "neurocuda/passes/passes.hpp"
#include "support/evaluate.hpp"
#include "support/random_graph.hpp"

namespace neurocuda::passes {

using ir::NodeId;

/// Builds networks of any wiring, with random parameters.
class Net {
 public:
  explicit Net(std::uint64_t seed = 1, Shape image = {3, 8, 8}) : random_(seed) {
    graph.add("input", ir::Input{std::move(image), {}});
  }

  NodeId conv(NodeId from, std::int64_t channels, std::int64_t kernel, std::int64_t padding = 0,
              std::int64_t stride = 1, std::int64_t groups = 1, bool bias = true) {
    ir::Conv2d conv;
    conv.weight = values({channels, channels_of(from) / groups, kernel, kernel}, -1, 1);
    if (bias) conv.bias = values({channels}, -0.5, 0.5);
    conv.window = {{kernel, kernel}, {stride, stride}, {padding, padding}};
    conv.groups = groups;
    return add("conv", std::move(conv), {from});
  }
  NodeId linear(NodeId from, std::int64_t outputs) {
    return add("linear", ir::Linear{values({outputs, shape(from)[0]}, -1, 1), values({outputs}, -0.5, 0.5)}, {from});
  }
  NodeId norm(NodeId from, double low = 0.5, double high = 1.5) {
    const Shape c{channels_of(from)};
    return add("norm",
               ir::BatchNorm2d{values(c, low, high), values(c, -0.5, 0.5), values(c, -0.5, 0.5), values(c, 0.5, 2)},
               {from});
  }
  NodeId relu(NodeId from) { return add("relu", ir::ReLU{}, {from}); }
  NodeId sum(NodeId a, NodeId b) { return add("sum", ir::Add{}, {a, b}); }
  NodeId concat(std::vector<NodeId> inputs) { return add("concat", ir::Concat{inputs.size()}, inputs); }
  NodeId slice(NodeId from, std::int64_t begin, std::int64_t count) {
    return add("slice", ir::Slice{begin, count}, {from});
  }
  NodeId max_pool(NodeId from, std::int64_t kernel, std::int64_t stride, std::int64_t padding = 0) {
    return add("max_pool", ir::MaxPool2d{{{kernel, kernel}, {stride, stride}, {padding, padding}}}, {from});
  }
  NodeId avg_pool(NodeId from, std::int64_t kernel, std::int64_t padding = 0) {
    return add("avg_pool", ir::AvgPool2d{{{kernel, kernel}, {kernel, kernel}, {padding, padding}}}, {from});
  }
  NodeId gap(NodeId from) { return add("gap", ir::GlobalAvgPool{}, {from}); }
  NodeId flatten(NodeId from) { return add("flatten", ir::Flatten{}, {from}); }
  NodeId output(NodeId from) { return graph.add("output", ir::Output{}, {from}); }
  NodeId classify(NodeId from) { return output(linear(flatten(from), 4)); }

  const Shape& shape(NodeId id) { return shape_ = ir::infer_shapes(graph)[id]; }
  std::int64_t channels_of(NodeId id) { return shape(id)[0]; }
  Tensor<float> values(Shape shape, double low, double high) {
    return testing::random_tensor(random_, std::move(shape), low, high);
  }

  ir::Graph graph;

 private:
  NodeId add(const char* name, ir::Operator op, std::vector<NodeId> inputs) {
    return graph.add(graph.unique_name(name), std::move(op), std::move(inputs));
  }

  Random random_;
  Shape shape_;
};

/// The same function on a few images, up to the rounding of weights.
inline void expect_equal(const ir::Graph& given, const ir::Graph& made) {
  Random random(7);
  for (int image = 0; image < 3; ++image) {
    const Tensor<float> pixels = testing::random_tensor(random, given.input_operator().shape, -1, 1);
    const testing::Values x(pixels.values().begin(), pixels.values().end());
    const testing::Values expected = testing::evaluate(given, x), actual = testing::evaluate(made, x);
    ASSERT_EQ(actual.size(), expected.size());
    double largest = 1;
    for (const double value : expected) largest = std::max(largest, std::abs(value));
    for (std::size_t i = 0; i < expected.size(); ++i) EXPECT_NEAR(actual[i], expected[i], 1e-5 * largest) << i;
  }
}

/// Layers as the compiler takes them, which compute the same.
inline ir::Graph expect_layers(const ir::Graph& graph) {
  ir::Graph made = make_layers(graph);
  ir::validate(made);
  EXPECT_FALSE(ir::contains<ir::Concat>(made) || ir::contains<ir::Slice>(made));
  const ir::Graph folded = fold_batch_norm(made);
  const ir::Wiring wiring(folded);
  for (NodeId id = 0; id < folded.size(); ++id) {
    if (ir::is_activation(folded.node(id)) || folded.node(id).as<ir::Output>()) {
      EXPECT_FALSE(ir::branches(wiring, id).empty());
    }
  }
  expect_equal(graph, made);
  for (const Finding& finding : diagnose(graph)) EXPECT_NE(finding.verdict, Verdict::refused) << finding.node;
  return made;
}

template <class Op>
std::int64_t count(const ir::Graph& graph) {
  return std::count_if(graph.nodes().begin(), graph.nodes().end(),
                       [](const ir::Node& n) { return n.as<Op>() != nullptr; });
}

}  // namespace neurocuda::passes
