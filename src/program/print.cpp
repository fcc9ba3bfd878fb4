#include <algorithm>

#include "neurocuda/base/text.hpp"
#include "neurocuda/program/program.hpp"

namespace neurocuda::program {
namespace {

std::string describe(const Window& window) {
  std::string text = to_string(window.kernel);
  if (window.stride != Size2{1, 1}) text += " stride " + to_string(window.stride);
  if (window.ceil_mode) text += " ceil mode";
  if (window.padding != Size2{0, 0}) text += " padding " + to_string(window.padding);
  if (window.dilation != Size2{1, 1}) text += " dilation " + to_string(window.dilation);
  return text;
}

/// "16", or "12..40" when the values differ.
template <class Values>
std::string describe_range(const Values& values) {
  if (values.empty()) return "none";
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  return *low == *high ? fmt::format("{}", +*low) : fmt::format("{}..{}", +*low, +*high);
}

/// "-3..4", or "-3..4 by timestep (8)".
template <class Layer>
std::string describe_bias(const Layer& layer) {
  const Tensor<std::int32_t>& table = layer.bias_by_timestep;
  if (table.empty()) return describe_range(layer.bias);
  return fmt::format("{} by timestep ({})", describe_range(table.values()), table.extent(0));
}

std::string describe_rule(const OrPool& pool) {
  if (pool.rule == MaxPoolRule::or_per_timestep) return "OR pool  ";
  const auto minima = std::count(pool.takes_minimum.begin(), pool.takes_minimum.end(), 1);
  return minima == 0 ? "max pool of counts  " : fmt::format("max pool of counts, minimum in {} channels  ", minima);
}

std::string describe(const Connection& connection) {
  if (const auto* conv = std::get_if<Conv>(&connection)) {
    return "conv " + describe(conv->window) + (conv->groups == 1 ? "" : fmt::format(" groups {}", conv->groups));
  }
  return std::holds_alternative<Linear>(connection) ? "linear" : "diagonal";
}

std::string describe_group(const Program& program, const SynapseGroup& group) {
  std::string text =
      fmt::format("    {} <- {}: {}", printable(group.name),
                  printable(program.nodes.at(static_cast<std::size_t>(group.source)).name), describe(group.connection));
  const bool shifted =
      std::any_of(group.shift.begin(), group.shift.end(), [](std::uint8_t shift) { return shift != 0; });
  return text + (shifted ? ", shift " + describe_range(group.shift) : "") + "\n";
}

struct KindText {
  std::string operator()(const InputNode& input) const {
    return input.encoding == InputEncoding::spike_train ? "input  spike train"
                                                        : fmt::format("input  {} bits, constant current", input.bits);
  }
  std::string operator()(const IfLayer& layer) const {
    return fmt::format("{}  theta {}, bias {}{}", layer.neuron == NeuronKind::signed_ ? "signed IF" : "IF",
                       describe_range(layer.theta), describe_bias(layer),
                       layer.density ? fmt::format(", density {:.3g}", *layer.density) : "");
  }
  std::string operator()(const SumPool& pool) const { return "sum pool  " + describe(pool.window); }
  std::string operator()(const OrPool& pool) const { return describe_rule(pool) + describe(pool.window); }
  std::string operator()(const Accumulator& accumulator) const {
    return fmt::format("accumulator  bias {}, scale {:.6g}", describe_bias(accumulator), accumulator.scale);
  }
};

std::string pool_source(const Program& program, const Node& node) {
  const auto sources = sources_of(node);
  if (sources.empty() || !groups_of(node).empty()) return {};
  return " of " + printable(program.nodes.at(static_cast<std::size_t>(sources.front())).name);
}

}  // namespace

std::string to_string(const Program& program) {
  std::string text =
      fmt::format("{}: T = {}{}, {} nodes, {} IF neurons, {} MACs per timestep, {} MACs for the input\n",
                  printable(program.name), program.timesteps, program.mode == Mode::exact ? ", exact mode" : "",
                  program.nodes.size(), neuron_count(program), dense_macs_per_timestep(program), input_macs(program));
  for (std::size_t i = 0; i < program.nodes.size(); ++i) {
    const Node& node = program.nodes[i];
    text += fmt::format("{:>4}  {:<24} {:<16} {}{}\n", i, printable(node.name), to_string(node.shape),
                        std::visit(KindText{}, node.kind), pool_source(program, node));
    for (const SynapseGroup& group : groups_of(node)) text += describe_group(program, group);
  }
  return text;
}

}  // namespace neurocuda::program
