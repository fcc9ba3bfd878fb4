#pragma once

#include <cstdint>
#include <vector>

#include "neurocuda/program/program.hpp"
#include "runtime/cpu/plan.hpp"

/// The exact mode on counts: a layer fires when all of its inputs are there, so nothing but the number of spikes of
/// every neuron matters to the next layer: k = clip(floor(V / theta), 0, T), its train is k ones, then zeros.
namespace neurocuda::runtime::cpu::exact {

/// A PackedConv for the dense kernels.
struct DenseConv {
  std::int64_t inputs = 0;                         ///< rounded up to kInputBlock
  std::int64_t plane_height = 0, plane_width = 0;  ///< of the source with its padding, as far as windows reach
  std::vector<std::int64_t> taps;                  ///< bytes
  std::vector<std::int8_t> weights;                ///< [block of outputs][tap][inputs / 4][output][4]
};

/// What a group needs beside its PlannedGroup.
struct CountedGroup {
  std::vector<DenseConv> convs;       ///< beside PlannedGroup::convs; none where the source sends integers
  program::NodeIndex spiking = -1;    ///< whose spikes arrive, directly or summed by pools; -1: a constant arrives
  std::vector<std::int64_t> fan_out;  ///< weights that one of its spikes reaches, by position
};

/// Beside a Plan, node for node and group for group.
struct CountPlan {
  std::vector<std::vector<CountedGroup>> groups;
  std::vector<std::vector<float>> rates;  ///< by node: (padded,), 1 / theta
  std::int64_t max_plane = 0;             ///< bytes of the largest plane
};

CountPlan make_count_plan(const program::Program& program, const Plan& plan);

}  // namespace neurocuda::runtime::cpu::exact
