#pragma once

#include "neurocuda/data/picture.hpp"

/// One pair of functions for each kind of image file. The size is checked before anything is decoded.
namespace neurocuda::data {

/// From the header, of the bytes or of the beginning of them.
ImageSize png_size(std::span<const std::uint8_t> bytes, std::string_view file);
ImageSize jpeg_size(std::span<const std::uint8_t> bytes, std::string_view file);

Picture decode_png(std::span<const std::uint8_t> bytes, std::string_view file);
Picture decode_jpeg(std::span<const std::uint8_t> bytes, const ImageSize& size, std::string_view file);

}  // namespace neurocuda::data
