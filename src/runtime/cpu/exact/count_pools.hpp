#pragma once

#include <cstdint>

#include "neurocuda/program/program.hpp"
#include "runtime/cpu/plan/plan.hpp"

/// Pools over the counts of whole runs, [position][padded] bytes.
namespace neurocuda::runtime::cpu::exact {

/// Into [position][channels]. Overwrites.
void sum_counts(const Window& window, const PlannedNode& source, const PlannedNode& target, const std::uint8_t* counts,
                std::int32_t* pooled);

/// The largest count under every window, or the smallest where the channel takes the minimum; 0 where a window covers
/// nothing. Trains of ones and then zeros have the largest count as their OR, too.
void max_counts(const program::OrPool& pool, const PlannedNode& source, const PlannedNode& target,
                const std::uint8_t* counts, std::uint8_t* pooled);

}  // namespace neurocuda::runtime::cpu::exact
