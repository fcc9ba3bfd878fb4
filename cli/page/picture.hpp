#pragma once

#include <cstdint>
#include <string>

#include "neurocuda/base/tensor.hpp"
#include "neurocuda/data/dataset.hpp"

namespace neurocuda::cli::page {

/// Pixels (C, H, W) of one image for people to look at, C 1 (grey) or 3 (RGB). Normalised floats are stretched to
/// 0..255 over the image; of two channels, or more than three, the mean. Empty where there is nothing to look at:
/// images of a single pixel, which are vectors.
Tensor<std::uint8_t> visible_pixels(const data::Dataset& dataset, std::int64_t image);

/// The pixels as an <img> with the picture in it (a PNG in a data URI), drawn without smoothing.
std::string image_tag(const Tensor<std::uint8_t>& pixels, const std::string& description);

}  // namespace neurocuda::cli::page
