#pragma once

#include <cstdint>
#include <string>

#include "neurocuda/program/program.hpp"
#include "neurocuda/runtime/spike_record.hpp"

namespace neurocuda::cli::page {

/// The spikes of one image: timesteps to the right, layers from top to bottom, at most `neurons_per_layer` neurons of
/// each, evenly spaced through the layer, and the first 128 timesteps.
std::string spike_raster(const program::Program& program, const runtime::SpikeRecord& record, std::int64_t image,
                         std::int64_t neurons_per_layer);

}  // namespace neurocuda::cli::page
