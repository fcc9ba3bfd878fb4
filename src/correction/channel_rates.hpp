#pragma once

#include <vector>

#include "neurocuda/base/progress.hpp"
#include "neurocuda/data/dataset.hpp"
#include "neurocuda/runtime/executable.hpp"

namespace neurocuda::correction {

/// Spikes per neuron and timestep, the mean of every channel: one (C,) for each IF layer, in program order.
using ChannelRates = std::vector<std::vector<double>>;

/// Over all images of `dataset`, `batch_size` at a time.
ChannelRates channel_rates(const runtime::Executable& executable, const data::Dataset& dataset, std::int64_t batch_size,
                           runtime::RunOptions options, Progress& progress = silent_progress());

/// Root mean square over all channels of all layers.
double root_mean_square_difference(const ChannelRates& a, const ChannelRates& b);

}  // namespace neurocuda::correction
