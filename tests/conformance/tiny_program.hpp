#pragma once

#include <string>
#include <vector>

#include "neurocuda/program/program.hpp"
#include "neurocuda/runtime/backends.hpp"

/// Programs small enough to follow with a pencil.
namespace neurocuda::testing {

/// A threshold that no membrane reaches: the membrane then shows the sum of the currents.
inline constexpr std::int32_t kNever = 1 << 20;

class TinyProgram {
 public:
  TinyProgram(Shape input, program::InputEncoding encoding, int timesteps) {
    const auto count = static_cast<std::size_t>(program::channels(input));
    program_.timesteps = timesteps;
    program_.nodes.push_back(
        {"input", std::move(input), program::InputNode{encoding, 8, std::vector<double>(count, 1.0), {}, {}}});
  }

  /// A layer with the same bias, threshold and v0 in every channel.
  TinyProgram& layer(Shape shape, std::vector<program::SynapseGroup> groups, std::int32_t theta, std::int32_t bias = 0,
                     std::int32_t v0 = 0) {
    const auto count = static_cast<std::size_t>(program::channels(shape));
    program::IfLayer layer{std::move(groups), std::vector(count, bias), std::vector(count, theta),
                           std::vector(count, v0), std::vector<double>(count, 1.0)};
    program_.nodes.push_back({name("layer"), std::move(shape), std::move(layer)});
    return *this;
  }
  TinyProgram& node(Shape shape, program::NodeKind kind) {
    program_.nodes.push_back({name("node"), std::move(shape), std::move(kind)});
    return *this;
  }
  /// Ends it with one class that counts every value of the last node once.
  program::Program count() {
    const std::int64_t inputs = element_count(program_.nodes.back().shape);
    program::Accumulator output;
    output.groups.push_back(group(last(), program::Linear{Tensor<std::int8_t>({1, inputs}, 1)}, 1));
    output.bias = {0};
    return node({1}, output).program_;
  }

  program::NodeIndex last() const { return static_cast<program::NodeIndex>(program_.nodes.size()) - 1; }

  static program::SynapseGroup group(program::NodeIndex source, program::Connection connection, std::int64_t outputs,
                                     std::uint8_t shift = 0) {
    static int number = 0;
    return {"group" + std::to_string(number++), source, std::move(connection),
            std::vector<std::uint8_t>(static_cast<std::size_t>(outputs), shift)};
  }

 private:
  std::string name(const std::string& kind) const { return kind + std::to_string(program_.nodes.size()); }
  program::Program program_;
};

/// One run with everything recorded.
inline runtime::RunResult run_recorded(const program::Program& program, const std::string& target,
                                       const program::EncodedInput& input,
                                       program::Mode mode = program::Mode::synchronous) {
  return runtime::compile(program, target)->run(input, {0, 1, mode, runtime::kEverything});
}

/// Spikes of one neuron of the first image over time.
inline std::vector<int> spikes_of(const runtime::LayerRecord& layer, std::int64_t neuron) {
  std::vector<int> spikes;
  for (std::int64_t t = 0; t < layer.timesteps; ++t) spikes.push_back(layer.spike(0, t, neuron));
  return spikes;
}
/// Membranes of one neuron of the first image over time.
inline std::vector<std::int32_t> membranes_of(const runtime::LayerRecord& layer, std::int64_t neuron) {
  std::vector<std::int32_t> membranes;
  for (std::int64_t t = 0; t < layer.timesteps; ++t) membranes.push_back(layer.membrane_row(0, t)[neuron]);
  return membranes;
}
/// All membranes of the first image at t.
inline std::vector<std::int32_t> membranes_at(const runtime::LayerRecord& layer, std::int64_t t) {
  return {layer.membrane_row(0, t), layer.membrane_row(0, t) + layer.neurons};
}

}  // namespace neurocuda::testing
