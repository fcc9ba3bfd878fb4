#include "runtime/reference/neurons.hpp"

namespace neurocuda::runtime::reference {
namespace {

std::size_t channel_of(std::size_t neuron, const Shape& shape) {
  return neuron / static_cast<std::size_t>(program::plane(shape));
}

}  // namespace

Values initial_membrane(const program::IfLayer& layer, const Shape& shape) {
  Values membrane(static_cast<std::size_t>(element_count(shape)));
  for (std::size_t i = 0; i < membrane.size(); ++i) membrane[i] = layer.v0[channel_of(i, shape)];
  return membrane;
}

void integrate(const std::vector<std::int32_t>& bias, const Shape& shape, const Values& current, Values& membrane) {
  for (std::size_t i = 0; i < membrane.size(); ++i) membrane[i] += current[i] + bias[channel_of(i, shape)];
}

Values fire(const program::IfLayer& layer, const Shape& shape, Values& membrane) {
  Values spikes(membrane.size(), 0);
  for (std::size_t i = 0; i < membrane.size(); ++i) {
    const std::int32_t theta = layer.theta[channel_of(i, shape)];
    if (membrane[i] < theta) continue;
    spikes[i] = 1;
    membrane[i] -= theta;
  }
  return spikes;
}

}  // namespace neurocuda::runtime::reference
