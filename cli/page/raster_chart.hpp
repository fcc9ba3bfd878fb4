#pragma once

#include <cstdint>
#include <string>

#include "neurocuda/base/tensor.hpp"
#include "neurocuda/program/program.hpp"
#include "neurocuda/runtime/spike_record.hpp"

namespace neurocuda::cli::page {

/// The spikes of one image: timesteps to the right, layers from top to bottom, at most `neurons_per_layer` neurons of
/// each, evenly spaced through the layer.
std::string spike_raster(const program::Program& program, const runtime::SpikeRecord& record, std::int64_t image,
                         std::int64_t neurons_per_layer);

/// A grey image (1, H, W), 0 white to 255 black, as a grid of squares.
std::string grey_image(const Tensor<std::uint8_t>& pixels, const std::string& title);

}  // namespace neurocuda::cli::page
