#pragma once

#include <cstdint>
#include <vector>

#include "neurocuda/program/program.hpp"
#include "runtime/cpu/plan/plan.hpp"

/// The exact mode on counts: a layer fires when all of its inputs are there, so nothing but the number of spikes of
/// every neuron matters to the next layer: k = clip(floor(V / theta), 0, T), its train is k ones, then zeros.
namespace neurocuda::runtime::cpu::exact {

/// What a group needs beside its PlannedGroup.
struct CountedGroup {
  program::NodeIndex spiking = -1;    ///< whose spikes arrive, directly or summed by pools; -1: a constant arrives
  std::vector<std::int64_t> fan_out;  ///< weights that one of its spikes reaches, by position
};

/// Beside a Plan, node for node and group for group.
struct CountPlan {
  std::vector<std::vector<CountedGroup>> groups;
  std::vector<std::vector<float>> rates;  ///< by node: (padded,), 1 / theta
};

CountPlan make_count_plan(const program::Program& program, const Plan& plan);

}  // namespace neurocuda::runtime::cpu::exact
