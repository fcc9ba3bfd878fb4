#pragma once

#include <array>
#include <string_view>
#include <utility>

#include "neurocuda/base/settings.hpp"

namespace neurocuda::program {

/// How the timesteps of a network pass through its layers; the same for float networks and for integer ones.
enum class Mode {
  synchronous,  ///< the default: every neuron integrates and fires at every timestep
  exact,  ///< accumulate, then fire: a layer integrates all T inputs before it fires; its counts are QCFS with L = T
};

/// "synchronous", "exact".
std::string_view name_of(Mode mode);
/// The mode of that name; throws UserError that lists the names when there is none.
Mode mode_named(std::string_view name);

}  // namespace neurocuda::program

template <>
struct neurocuda::settings::Choices<neurocuda::program::Mode> {
  static constexpr std::array<std::pair<neurocuda::program::Mode, std::string_view>, 2> list{
      {{neurocuda::program::Mode::synchronous, "synchronous"}, {neurocuda::program::Mode::exact, "exact"}}};
};
