#pragma once

#include <compare>
#include <cstdint>

#include "neurocuda/verify/verify.hpp"

namespace neurocuda::verify {

enum class Quantity { spike, membrane, accumulator };

/// Where a value stands in the order of Divergence; the members are in that order.
struct Place {
  std::int64_t image = 0, timestep = 0;
  program::NodeIndex node = 0;
  std::int64_t neuron = 0;
  Quantity quantity = Quantity::spike;
  auto operator<=>(const Place&) const = default;
};

/// A place with the two values that differ there.
struct Difference {
  Place place;
  std::int64_t expected = 0, actual = 0;
};

Divergence describe(const program::Program& program, const Difference& difference);
/// The place of a Divergence of this program.
Place place_of(const program::Program& program, const Divergence& divergence);

}  // namespace neurocuda::verify
