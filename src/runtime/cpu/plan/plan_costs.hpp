#pragma once

#include "runtime/cpu/kernels/costs.hpp"
#include "runtime/cpu/plan/plan.hpp"

namespace neurocuda::runtime::cpu {

/// What the spikes of `source` take on their way to `target`, by the costs of an instruction set.
SynapseCosts plan_costs(const PlannedNode& source, const PlannedNode& target, const PlannedGroup& group,
                        const Costs& costs);

}  // namespace neurocuda::runtime::cpu
