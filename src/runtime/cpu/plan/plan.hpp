#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

#include "neurocuda/program/node_traits.hpp"
#include "runtime/cpu/kernels/costs.hpp"
#include "runtime/cpu/plan/pack.hpp"
#include "runtime/cpu/plan/window_weights.hpp"

namespace neurocuda::runtime::cpu {

using program::Signal;

/// Elements of a buffer whose kernels run over whole blocks.
inline std::size_t with_slack(std::int64_t count) { return static_cast<std::size_t>(count + kSlack); }

/// A synapse group, ready to run. Either `convs` or `diagonal` is used.
struct PlannedGroup {
  program::NodeIndex source = 0;
  std::vector<PackedConv> convs;                      ///< without weights where there is a window
  std::vector<std::optional<WindowWeights>> windows;  ///< beside `convs`, for sources that send spikes
  std::vector<std::int32_t> diagonal;                 ///< (padded,), shift included
  std::vector<std::int32_t> negated;                  ///< - diagonal, for spikes of -1
  std::vector<std::int32_t> shift;                    ///< (padded,); empty when all are zero
  std::vector<std::int64_t> fan_out;                  ///< by source position
};

/// What the spikes of a group take in cycles, listed or multiplied; see kernels/costs.hpp.
struct SynapseCosts {
  double per_spike = 0, per_timestep = 0;  ///< listed
  double dense_per_timestep = 0;
};

/// A part of a layer, whose timesteps all run before those of the next part: its membranes and the weights that it
/// reads stay in the cache.
struct Tile {
  std::int64_t first_row, rows;
  std::int64_t first_channel, channels;  ///< multiples of 64, but for the last
};

struct PlannedNode {
  program::Signal signal = program::Signal::nothing;  ///< spikes are held as bits, anything else as integers
  bool with_signs = false;                            ///< some of the spikes can be -1
  bool is_input = false;                              ///< whose integers, if it has such, fit int8
  std::int64_t channels = 0, positions = 0, height = 1, width = 1;
  std::int64_t padded = 0, words = 0;
  std::vector<PlannedGroup> groups;
  std::vector<Tile> tiles;
  /// The group (of several the one with most weights) whose windows fire the neurons, once all others have been
  /// delivered, and the identity skip that they integrate too; -1: none. Not in the exact mode.
  int firing_group = -1, firing_skip = -1;
  /// The group (of several the one with most weights) whose spikes may be multiplied instead; -1: none.
  int dense_group = -1;
  SynapseCosts dense_costs;
  std::vector<std::int32_t> bias;       ///< (T' + 1, padded): of the timesteps that have their own, then of all others
  std::vector<std::int32_t> theta, v0;  ///< (padded,); padding never fires

  const std::int32_t* bias_at(std::int64_t t) const {
    const std::int64_t last = static_cast<std::int64_t>(bias.size()) / padded - 1;
    return bias.data() + std::min(t, last) * padded;
  }
};

/// A Program laid out for the kernels. Node for node.
struct Plan {
  std::vector<PlannedNode> nodes;
  /// Largest over all groups: rows that can meet at one output position, values of one timestep of a source, neurons of
  /// a layer with padding. They size the scratch memory.
  std::int64_t max_gathered = 0, max_values = 0, max_neurons = 0, max_positions = 0;
};

/// For kernels with windows of these widths and these costs.
Plan make_plan(const program::Program& program, const WindowWidths& widths, const Costs& costs);

}  // namespace neurocuda::runtime::cpu
