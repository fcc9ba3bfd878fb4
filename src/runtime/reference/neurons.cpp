#include "runtime/reference/neurons.hpp"

#include "neurocuda/program/node_traits.hpp"

namespace neurocuda::runtime::reference {
namespace {

std::size_t channel_of(std::size_t neuron, const Shape& shape) {
  return neuron / static_cast<std::size_t>(program::plane(shape));
}

}  // namespace

Values initial_state(const program::Node& node) {
  const auto count = static_cast<std::size_t>(element_count(node.shape));
  return program::visit_kind(
      node.kind, [](const program::InputNode&) { return Values{}; },
      [&](const program::IfLayer& layer) {
        Values membranes(count);
        for (std::size_t i = 0; i < count; ++i) membranes[i] = layer.v0[channel_of(i, node.shape)];
        return membranes;
      },
      [](const program::SumPool&) { return Values{}; }, [](const program::OrPool&) { return Values{}; },
      [&](const program::Accumulator&) { return Values(count, 0); });
}

void integrate(const std::vector<std::int32_t>& bias, const Shape& shape, const Values& current, Values& membrane) {
  for (std::size_t i = 0; i < membrane.size(); ++i) membrane[i] += current[i] + bias[channel_of(i, shape)];
}

Values fire(const program::IfLayer& layer, const Shape& shape, Values& membrane, Values& sum) {
  const bool is_signed = layer.neuron == program::NeuronKind::signed_;
  sum.resize(membrane.size(), 0);
  Values spikes(membrane.size(), 0);
  for (std::size_t i = 0; i < membrane.size(); ++i) {
    const std::int32_t theta = layer.theta[channel_of(i, shape)];
    if (membrane[i] >= theta) {
      spikes[i] = 1;
    } else if (is_signed && membrane[i] < 0 && sum[i] > 0) {
      spikes[i] = -1;
    }
    membrane[i] -= theta * spikes[i];
    sum[i] += spikes[i];
  }
  return spikes;
}

}  // namespace neurocuda::runtime::reference
