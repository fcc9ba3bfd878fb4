#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "neurocuda/data/augment.hpp"

namespace neurocuda::data {

/// One decoded image: planes (C, H, W), grey or red, green, blue.
struct Picture {
  ImageSize size;
  std::vector<std::uint8_t> pixels;
};

/// The same image with 1 or 3 channels: colour becomes grey by ITU-R BT.601's weights in 16 bits, as in Pillow; grey
/// stands three times.
Picture with_channels(Picture picture, std::int64_t channels);

/// The image as the bytes of a PNG file.
std::vector<std::uint8_t> png_bytes(const Picture& picture);

}  // namespace neurocuda::data
