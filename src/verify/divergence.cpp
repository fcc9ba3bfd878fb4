#include <algorithm>
#include <array>

#include "verify/place.hpp"

namespace neurocuda::verify {
namespace {

constexpr std::array<const char*, 3> kQuantities{"spike", "membrane", "accumulator"};

/// (c, y, x) or (c,) of a neuron in row-major order.
Shape position_in(const Shape& shape, std::int64_t neuron) {
  Shape position(shape.size());
  for (std::size_t axis = shape.size(); axis-- > 0;) {
    position[axis] = neuron % shape[axis];
    neuron /= shape[axis];
  }
  return position;
}

}  // namespace

std::string Divergence::to_string() const {
  return fmt::format("{}layer {}, image {}, timestep {}, neuron {} at {}: {} {} expected, {} found",
                     target.empty() ? "" : target + ": ", layer, image, timestep, neuron,
                     neurocuda::to_string(position), quantity, expected, actual);
}

Divergence describe(const program::Program& program, const Difference& difference) {
  const Place& place = difference.place;
  const program::Node& node = program.nodes.at(static_cast<std::size_t>(place.node));
  Divergence divergence;
  divergence.layer = node.name;
  divergence.image = place.image;
  divergence.timestep = place.timestep;
  divergence.neuron = place.neuron;
  divergence.position = position_in(node.shape, place.neuron);
  divergence.quantity = kQuantities.at(static_cast<std::size_t>(place.quantity));
  divergence.expected = difference.expected;
  divergence.actual = difference.actual;
  return divergence;
}

Place place_of(const program::Program& program, const Divergence& divergence) {
  const auto node = std::find_if(program.nodes.begin(), program.nodes.end(),
                                 [&](const program::Node& candidate) { return candidate.name == divergence.layer; });
  const auto quantity = std::find(kQuantities.begin(), kQuantities.end(), divergence.quantity);
  ensure(node != program.nodes.end() && quantity != kQuantities.end(), "a divergence of another program");
  return {divergence.image, divergence.timestep, static_cast<program::NodeIndex>(node - program.nodes.begin()),
          divergence.neuron, static_cast<Quantity>(quantity - kQuantities.begin())};
}

}  // namespace neurocuda::verify
