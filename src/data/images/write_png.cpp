#include <png.h>

#include "neurocuda/base/error.hpp"
#include "neurocuda/data/picture.hpp"

namespace neurocuda::data {

std::vector<std::uint8_t> png_bytes(const Picture& picture) {
  const auto channels = static_cast<std::size_t>(picture.size.channels);
  const std::size_t plane = picture.pixels.size() / channels;
  std::vector<std::uint8_t> interleaved(picture.pixels.size());
  for (std::size_t i = 0; i < plane; ++i) {
    for (std::size_t c = 0; c < channels; ++c) interleaved[i * channels + c] = picture.pixels[c * plane + i];
  }
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  image.width = static_cast<png_uint_32>(picture.size.width);
  image.height = static_cast<png_uint_32>(picture.size.height);
  image.format = channels == 1 ? PNG_FORMAT_GRAY : PNG_FORMAT_RGB;
  png_alloc_size_t size = PNG_IMAGE_PNG_SIZE_MAX(image);
  std::vector<std::uint8_t> bytes(size);
  const int written = png_image_write_to_memory(&image, bytes.data(), &size, 0, interleaved.data(), 0, nullptr);
  ensure(written != 0, "an image could not be compressed as PNG");
  bytes.resize(size);
  return bytes;
}

}  // namespace neurocuda::data
