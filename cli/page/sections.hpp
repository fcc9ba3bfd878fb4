#pragma once

#include <string>
#include <vector>

#include "neurocuda/conversion/convert.hpp"
#include "neurocuda/metrics/evaluation.hpp"
#include "neurocuda/program/program.hpp"
#include "neurocuda/runtime/spike_record.hpp"

/// What the pages have in common: each function returns one <section>, or a part of one.
namespace neurocuda::cli::page {

/// A figure in large type and what it is, in a row of such cards.
std::string card(const std::string& figure, const std::string& meaning, bool good = true);
std::string cards(const std::vector<std::string>& each);

/// Share of neuron-timesteps without a spike, a bar for every layer that fires.
std::string sparsity_section(const metrics::Evaluation& evaluation);
/// Where the synaptic operations arrive, a bar for every layer.
std::string operations_section(const metrics::Evaluation& evaluation);
/// Rate errors of every layer by their cause; empty when nothing was attributed.
std::string attribution_section(const conversion::Attribution& attribution);
/// The spikes of one image. `intro` says which; `picture` stands above the raster.
std::string raster_section(const program::Program& program, const runtime::SpikeRecord& record,
                           const std::string& intro, const std::string& picture);

}  // namespace neurocuda::cli::page
