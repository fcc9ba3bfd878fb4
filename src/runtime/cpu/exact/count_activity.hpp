#pragma once

#include <cstdint>
#include <vector>

#include "runtime/cpu/plan/plan.hpp"
#include "runtime/run_images.hpp"

/// What counts say about timesteps: a neuron with count k spikes in the first k. `counts` are [position][padded].
namespace neurocuda::runtime::cpu::exact {

/// Adds a layer's spikes at every t to the activity of `node`.
void count_spikes(const PlannedNode& layer, const std::uint8_t* counts, const ImageTask& task, program::NodeIndex node);

/// Adds what the spikes of a source are in synaptic operations of `node`: fan_out, by position, weights each.
void count_operations(const PlannedNode& source, const std::uint8_t* counts, const std::vector<std::int64_t>& fan_out,
                      const ImageTask& task, program::NodeIndex node);

/// The rows of all timesteps; membranes are those after the reset.
void record_counts(const PlannedNode& layer, const std::uint8_t* counts, const ImageTask& task, LayerRecord& record);
void record_membranes(const PlannedNode& layer, const std::int32_t* integral, const std::uint8_t* counts,
                      const ImageTask& task, LayerRecord& record);

}  // namespace neurocuda::runtime::cpu::exact
