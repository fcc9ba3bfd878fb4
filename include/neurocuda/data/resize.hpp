#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "neurocuda/data/augment.hpp"

namespace neurocuda::data {

/// Planes (C, H, W) of one image in another size, by Pillow's antialiased bilinear filter (Image.resize with BILINEAR)
/// to the last bit.
std::vector<std::uint8_t> resized(std::span<const std::uint8_t> pixels, const ImageSize& from, const ImageSize& to);

/// The middle of an image, as torchvision's CenterCrop cuts it out. `to` is no larger than `from`.
std::vector<std::uint8_t> center_cropped(std::span<const std::uint8_t> pixels, const ImageSize& from,
                                         const ImageSize& to);

/// Extents after scaling until the shorter side is `shorter`: torchvision's Resize.
ImageSize with_shorter_side(const ImageSize& from, std::int64_t shorter);
/// Extents after scaling until the image just covers `to`: for squares, with_shorter_side.
ImageSize covering(const ImageSize& from, const ImageSize& to);

}  // namespace neurocuda::data
