#pragma once

#include <array>
#include <string_view>
#include <utility>

#include "neurocuda/base/settings.hpp"

namespace neurocuda::program {

/// When a neuron spikes, v being its membrane after the currents of the timestep; the same for float networks and for
/// integer ones. In Mode::exact both are alike: all of v is there before the first spike, so none comes too early.
enum class NeuronKind {
  plain,  ///< 1 if v >= theta, else 0
  /// 1 if v >= theta, else -1 if v < 0 and the sum of the neuron's spikes so far is positive, else 0: takes back a
  /// spike that came too early (signed neurons with memory, Wang et al. 2022, IJCAI)
  signed_,
};

/// "plain", "signed".
std::string_view name_of(NeuronKind kind);

}  // namespace neurocuda::program

template <>
struct neurocuda::settings::Choices<neurocuda::program::NeuronKind> {
  static constexpr std::array<std::pair<neurocuda::program::NeuronKind, std::string_view>, 2> list{
      {{neurocuda::program::NeuronKind::plain, "plain"}, {neurocuda::program::NeuronKind::signed_, "signed"}}};
};
