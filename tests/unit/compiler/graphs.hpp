#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "neurocuda/base/random.hpp"
#include "neurocuda/ir/analysis.hpp"
#include "neurocuda/ir/graph.hpp"
#include "support/evaluate.hpp"

/// IF graphs for the compiler's tests, and their float execution.
namespace neurocuda::compiler::graphs {

using neurocuda::testing::Values;

inline Tensor<float> vector(std::vector<float> values) {
  const auto size = static_cast<std::int64_t>(values.size());
  return {{size}, std::move(values)};
}

inline ir::IF neurons(std::vector<float> theta) {
  ir::IF node{vector(theta), vector(theta)};
  for (float& v0 : node.v0.values()) v0 /= 2;
  return node;
}

inline ir::Linear linear(std::int64_t outputs, std::vector<float> weight, std::vector<float> bias = {}) {
  const auto inputs = static_cast<std::int64_t>(weight.size()) / outputs;
  ir::Linear op{Tensor<float>({outputs, inputs}, std::move(weight)), {}};
  if (!bias.empty()) op.bias = vector(std::move(bias));
  return op;
}

inline ir::Conv2d conv(Shape shape, std::vector<float> weight, Window window = {}, std::int64_t groups = 1) {
  window.kernel = {shape[2], shape[3]};
  return {Tensor<float>(std::move(shape), std::move(weight)), {}, window, groups};
}

/// input -> fc1 -> if1 -> fc2 -> output, with features as given; names are those.
inline ir::Graph two_layers(ir::Linear fc1, ir::IF if1, ir::Linear fc2) {
  ir::Graph graph;
  auto at = graph.add("input", ir::Input{{fc1.weight.extent(1)}, {}});
  at = graph.add("fc1", std::move(fc1), {at});
  at = graph.add("if1", std::move(if1), {at});
  at = graph.add("fc2", std::move(fc2), {at});
  graph.add("output", ir::Output{}, {at});
  return graph;
}

/// Every ReLU becomes IF with thresholds drawn from [low, high) and v0 = theta / 2.
inline ir::Graph with_neurons(const ir::Graph& graph, Random& random, double low, double high) {
  const std::vector<Shape> shapes = ir::infer_shapes(graph);
  ir::Graph result;
  result.name = graph.name;
  for (ir::NodeId id = 0; id < graph.size(); ++id) {
    const ir::Node& node = graph.node(id);
    ir::Operator op = node.op;
    if (node.as<ir::ReLU>()) {
      std::vector<float> theta(static_cast<std::size_t>(shapes[id][0]));
      for (float& value : theta) value = static_cast<float>(low + (high - low) * random.uniform());
      op = neurons(std::move(theta));
    }
    result.add(node.name, std::move(op), node.inputs);
  }
  return result;
}

/// By how much a max pool of the sums over time of what it reads grows at the last of those timesteps.
inline Values grown_pool(const ir::MaxPool2d& pool, const Shape& from, const Shape& to, Values sums,
                         const Values& last) {
  namespace detail = neurocuda::testing::detail;
  const auto pooled = [&](const Values& x) {
    return detail::Evaluator{{&x}, detail::Plane(from), detail::Plane(to)}(pool);
  };
  Values now = pooled(sums);
  for (std::size_t i = 0; i < sums.size(); ++i) sums[i] -= last[i];
  const Values before = pooled(sums);
  for (std::size_t i = 0; i < now.size(); ++i) now[i] -= before[i];
  return now;
}

/// Runs an IF graph in double precision with the same image at every timestep: theta x spikes of every IF node, and the
/// sum of the logits over all steps so far behind the Output. [t][node]
inline std::vector<std::vector<Values>> run_float(const ir::Graph& graph, const Values& image, int timesteps) {
  namespace detail = neurocuda::testing::detail;
  const std::vector<Shape> shapes = ir::infer_shapes(graph);
  std::vector<Values> membrane(graph.size());
  std::vector<std::vector<Values>> result;
  for (int t = 0; t < timesteps; ++t) {
    std::vector<Values> values(graph.size());
    for (ir::NodeId id = 0; id < graph.size(); ++id) {
      const ir::Node& node = graph.node(id);
      if (node.as<ir::Input>()) {
        values[id] = image;
        continue;
      }
      std::vector<const Values*> inputs;
      for (const ir::NodeId input : node.inputs) inputs.push_back(&values[input]);
      const auto* neuron = node.as<ir::IF>();
      if (const auto* pool = node.as<ir::MaxPool2d>()) {
        Values sums = *inputs[0];
        for (const auto& earlier : result) {
          for (std::size_t i = 0; i < sums.size(); ++i) sums[i] += earlier[node.inputs[0]][i];
        }
        values[id] = grown_pool(*pool, shapes[node.inputs[0]], shapes[id], std::move(sums), *inputs[0]);
        continue;
      }
      if (neuron == nullptr) {
        const detail::Evaluator evaluator{inputs, detail::Plane(shapes[node.inputs[0]]), detail::Plane(shapes[id])};
        values[id] = std::visit(evaluator, node.op);
        if (node.as<ir::Output>() && t > 0) {
          for (std::size_t i = 0; i < values[id].size(); ++i) values[id][i] += result.back()[id][i];
        }
        continue;
      }
      const Values& current = *inputs[0];
      const std::size_t plane = current.size() / static_cast<std::size_t>(neuron->theta.size());
      values[id].resize(current.size());
      if (t == 0) {
        for (std::size_t i = 0; i < current.size(); ++i)
          membrane[id].push_back(neuron->v0[static_cast<std::int64_t>(i / plane)]);
      }
      for (std::size_t i = 0; i < current.size(); ++i) {
        const double theta = neuron->theta[static_cast<std::int64_t>(i / plane)];
        membrane[id][i] += current[i];
        values[id][i] = membrane[id][i] >= theta ? theta : 0.0;
        membrane[id][i] -= values[id][i];
      }
    }
    result.push_back(std::move(values));
  }
  return result;
}

}  // namespace neurocuda::compiler::graphs
