#include "sample_program.hpp"

#include "neurocuda/base/random.hpp"

namespace neurocuda::testing {
namespace {

using namespace program;

struct Builder {
  Random random;
  Program program;

  std::int32_t between(std::int64_t low, std::int64_t high) {
    return static_cast<std::int32_t>(low + random.below(high - low + 1));
  }
  Tensor<std::int8_t> weights(Shape shape) {
    Tensor<std::int8_t> tensor(std::move(shape));
    for (auto& value : tensor.values()) value = static_cast<std::int8_t>(between(-128, 127));
    return tensor;
  }
  std::vector<std::int32_t> numbers(std::int64_t count, std::int64_t low, std::int64_t high) {
    std::vector<std::int32_t> values(static_cast<std::size_t>(count));
    for (auto& value : values) value = between(low, high);
    return values;
  }
  SynapseGroup group(std::string name, NodeIndex source, std::int64_t outputs, Connection connection) {
    SynapseGroup result{std::move(name), source, std::move(connection), {}};
    for (const auto shift : numbers(outputs, 0, 7)) result.shift.push_back(static_cast<std::uint8_t>(shift));
    return result;
  }
  SynapseGroup conv(std::string name, NodeIndex source, Shape shape, Window window, std::int64_t groups = 1) {
    window.kernel = {shape[2], shape[3]};
    const std::int64_t outputs = shape[0];
    return group(std::move(name), source, outputs, Conv{weights(std::move(shape)), window, groups});
  }
  SynapseGroup linear(std::string name, NodeIndex source, std::int64_t outputs, std::int64_t inputs) {
    return group(std::move(name), source, outputs, Linear{weights({outputs, inputs})});
  }
  SynapseGroup diagonal(std::string name, NodeIndex source, std::int64_t channels) {
    return group(std::move(name), source, channels, Diagonal{weights({channels})});
  }
  void layer(std::string name, Shape shape, std::vector<SynapseGroup> groups) {
    IfLayer neurons{std::move(groups),
                    numbers(shape[0], -5000, 5000),
                    numbers(shape[0], 1, 40000),
                    numbers(shape[0], -3000, 3000),
                    {}};
    for (auto& theta : neurons.theta) theta *= 2;
    for (std::int64_t c = 0; c < shape[0]; ++c) neurons.scale.push_back(0.001 * (1.0 + random.uniform()));
    program.nodes.push_back({std::move(name), std::move(shape), std::move(neurons)});
  }
};

InputNode image_input() {
  return {InputEncoding::constant_current, 8, {1.0 / 127, 0.1}, {0.4914F, 0.4822F}, {0.247F, 0.2435F}};
}

}  // namespace

Program sample_program(std::uint64_t fill) {
  Builder b{Random(fill), {}};
  b.program.name = "réseau 7/8";
  b.program.timesteps = 9;
  b.program.nodes.push_back({"images", {2, 6, 8}, image_input()});
  b.layer("layer1.0.relu", {4, 6, 8}, {b.conv("layer1.0.conv1", 0, {4, 2, 3, 3}, {{}, {1, 1}, {1, 1}, {1, 1}})});
  b.layer(
      "layer1.0.add", {4, 6, 8},
      {b.diagonal("layer1.0.skip", 1, 4), b.conv("layer1.0.conv2", 1, {4, 1, 3, 2}, {{}, {1, 1}, {2, 1}, {2, 2}}, 4)});
  b.layer("if", {4, 6, 8}, {b.diagonal("training", 2, 4), b.diagonal("training.2", 1, 4)});
  b.program.nodes.push_back({"max", {4, 3, 4}, OrPool{3, {{2, 2}, {2, 2}, {0, 0}, {1, 1}}}});
  b.program.nodes.push_back({"avg", {4, 2, 2}, SumPool{4, {{2, 2}, {2, 3}, {1, 1}, {1, 1}}}});
  b.layer("layer1_0_add", {6}, {b.linear("fc", 5, 6, 16), b.linear("fc-from-max", 4, 6, 48)});
  b.layer("output", {6}, {b.diagonal("self", 6, 6)});
  b.program.nodes.push_back(
      {"logits",
       {3},
       Accumulator{{b.linear("head", 7, 3, 6), b.linear("aux", 5, 3, 16)}, b.numbers(3, -100, 100), 0.0123}});
  return b.program;
}

Program tiny_program() {
  Builder b{Random(5), {}};
  b.program.nodes.push_back({"x", {2}, InputNode{InputEncoding::spike_train, 4, {1.0, 1.0}, {}, {}}});
  b.layer("hidden", {3}, {b.linear("fc1", 0, 3, 2)});
  b.program.nodes.push_back({"y", {2}, Accumulator{{b.linear("fc2", 1, 2, 3)}, b.numbers(2, -9, 9), 0.5}});
  return b.program;
}

}  // namespace neurocuda::testing
