#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "neurocuda/base/random.hpp"
#include "neurocuda/program/program.hpp"

/// Small Programs whose every number the tests know.
namespace neurocuda::program::tiny {

inline Tensor<std::int8_t> weights(Shape shape, std::int8_t fill = 1) {
  return Tensor<std::int8_t>(std::move(shape), fill);
}

inline std::vector<std::uint8_t> shifts(std::int64_t channels, std::uint8_t shift = 0) {
  return std::vector<std::uint8_t>(static_cast<std::size_t>(channels), shift);
}

inline IfLayer if_layer(std::vector<SynapseGroup> groups, std::size_t channels, std::int32_t theta = 10) {
  return {std::move(groups), std::vector<std::int32_t>(channels, 0), std::vector<std::int32_t>(channels, theta),
          std::vector<std::int32_t>(channels, theta / 2), std::vector<double>(channels, 0.5)};
}

inline InputNode input(std::size_t channels) {
  return {InputEncoding::constant_current, 8, std::vector<double>(channels, 0.25), {}, {}};
}

/// Every kind of node and connection, in this order:
/// 0 input (2,6,6)      1 conv IF (4,6,6)      2 grouped conv + diagonal IF (4,6,6)
/// 3 OR pool (4,3,3)    4 sum pool (4,2,2)     5 linear accumulator (3,)
inline Program every_kind() {
  const Window same{{3, 3}, {1, 1}, {1, 1}, {1, 1}};
  Program program;
  program.nodes = {
      {"input", {2, 6, 6}, input(2)},
      {"if1", {4, 6, 6}, if_layer({{"conv1", 0, Conv{weights({4, 2, 3, 3}), same, 1}, shifts(4)}}, 4)},
      {"if2",
       {4, 6, 6},
       if_layer({{"conv2", 1, Conv{weights({4, 2, 3, 3}), same, 2}, shifts(4)},
                 {"add", 1, Diagonal{weights({4}, 3)}, shifts(4, 2)}},
                4)},
      {"max", {4, 3, 3}, OrPool{2, {{2, 2}, {2, 2}, {0, 0}, {1, 1}}}},
      {"avg", {4, 2, 2}, SumPool{3, {{2, 2}, {1, 1}, {0, 0}, {1, 1}}}},
      {"output", {3}, Accumulator{{{"fc", 4, Linear{weights({3, 16})}, shifts(3)}}, {1, 2, 3}, 0.125}},
  };
  return program;
}

/// One input value per weight, one IF neuron behind it, one accumulator of weight 1.
inline Program one_neuron(const std::vector<std::int8_t>& row, std::int32_t bias, std::int32_t theta, std::int32_t v0,
                          InputEncoding encoding = InputEncoding::spike_train) {
  const auto fan_in = static_cast<std::int64_t>(row.size());
  Program program;
  InputNode in = input(row.size());
  in.encoding = encoding;
  IfLayer layer{{{"fc1", 0, Linear{Tensor<std::int8_t>({1, fan_in}, row)}, shifts(1)}}, {bias}, {theta}, {v0}, {1.0}};
  program.nodes = {{"input", {fan_in}, in},
                   {"neuron", {1}, layer},
                   {"output", {1}, Accumulator{{{"fc2", 1, Linear{weights({1, 1})}, shifts(1)}}, {0}, 1.0}}};
  return program;
}

/// every_kind() with random weights, biases, thresholds and shifts.
inline Program random_weights(std::uint64_t seed) {
  Random random(seed);
  Program program = every_kind();
  const auto draw = [&](std::int64_t low, std::int64_t high) { return low + random.below(high - low + 1); };
  const auto fill = [&](std::vector<SynapseGroup>& groups) {
    for (SynapseGroup& group : groups) {
      std::visit(
          [&](auto& any) {
            for (auto& w : any.weight.values()) w = static_cast<std::int8_t>(draw(-127, 127));
          },
          group.connection);
      for (auto& shift : group.shift) shift = static_cast<std::uint8_t>(draw(0, 3));
    }
  };
  for (Node& node : program.nodes) {
    if (auto* layer = node.as<IfLayer>()) {
      fill(layer->groups);
      for (auto& bias : layer->bias) bias = static_cast<std::int32_t>(draw(-3000, 3000));
      for (auto& theta : layer->theta) theta = static_cast<std::int32_t>(2 * draw(1, 5000));
      for (auto& v0 : layer->v0) v0 = static_cast<std::int32_t>(draw(-2000, 20000));
    }
    if (auto* output = node.as<Accumulator>()) fill(output->groups);
  }
  return program;
}

}  // namespace neurocuda::program::tiny
