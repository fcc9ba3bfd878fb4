#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "neurocuda/program/node_traits.hpp"

namespace neurocuda::program {

/// Proven limits of one node, from the weights alone, for every possible input and every order of summation.
struct NodeBounds {
  NodeIndex node = 0;
  std::string name;               ///< of the node
  std::int64_t max_current = 0;   ///< largest |partial sum| of a[t] + bias of any channel, before or after the shifts
  std::int64_t max_membrane = 0;  ///< largest |v| before or after reset, or |accumulator|, over all T timesteps
  std::int64_t max_integral = 0;  ///< largest |v| when all T inputs are integrated before the first spike (Mode::exact)
  std::int64_t worst_channel = 0;  ///< the channel of max_membrane
};
template <class Visit>
void visit_fields(const NodeBounds& node, const Visit& visit) {
  visit("node", node.name);
  visit("max_current", node.max_current);
  visit("max_membrane", node.max_membrane);
  visit("max_integral", node.max_integral);
  visit("worst_channel", node.worst_channel);
}

/// The proofs of an integer Program for T timesteps.
struct Bounds {
  int timesteps = 0;
  std::vector<NodeBounds> nodes;       ///< nodes with neurons or accumulators, in program order
  bool fits_int32 = false;             ///< no membrane, current or partial sum leaves int32
  bool exact_mode_fits_int32 = false;  ///< nor does it in Mode::exact
  bool exact_in_float32 = false;       ///< every such value stays within 2^24: float32 simulators are exact too
  std::string first_beyond_int32;      ///< the node that breaks fits_int32; empty when none does
  std::string first_beyond_float32;    ///< the node that breaks exact_in_float32; empty when none does
};
template <class Visit>
void visit_fields(const Bounds& bounds, const Visit& visit) {
  visit("timesteps", bounds.timesteps);
  visit("fits_int32", bounds.fits_int32);
  visit("exact_mode_fits_int32", bounds.exact_mode_fits_int32);
  visit("exact_in_float32", bounds.exact_in_float32);
  visit("first_beyond_float32", bounds.first_beyond_float32);
  visit("nodes", bounds.nodes);
}

/// Interval arithmetic over every channel, over the value_ranges() of the sources. A channel with positive drive P and
/// negative drive N per timestep (bias included) keeps v in [v0 - T N, v0 + T P]; the soft reset tightens the upper
/// side to max(v0, Theta - 1) + P while P <= Theta. The proof stands in src/program/bounds.cpp. The Program must be
/// valid.
Bounds prove_bounds(const Program& program, int timesteps);

/// Throws UserError that names the layer when int32 could overflow within `timesteps` (in Mode::exact when
/// `accumulate_then_fire`), or when timesteps is outside 1..kMaxTimesteps.
void require_runnable(const Program& program, int timesteps, bool accumulate_then_fire = false);

}  // namespace neurocuda::program
