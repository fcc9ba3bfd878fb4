#pragma once

#include <cstdint>

#include "neurocuda/base/shape.hpp"
#include "runtime/cpu/plan.hpp"

/// Pools over channel-last values: bits are [position][words], integers [position][channels]. Results are overwritten.
namespace neurocuda::runtime::cpu {

void or_pool(const Window& window, const PlannedNode& source, const PlannedNode& target, const std::uint64_t* bits,
             std::uint64_t* pooled);
void sum_spikes(const Window& window, const PlannedNode& source, const PlannedNode& target, const std::uint64_t* bits,
                std::int32_t* pooled);
void sum_values(const Window& window, const PlannedNode& source, const PlannedNode& target, const std::int32_t* values,
                std::int32_t* pooled);

}  // namespace neurocuda::runtime::cpu
