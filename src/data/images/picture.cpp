#include "neurocuda/data/picture.hpp"

#include "data/images/decoders.hpp"
#include "neurocuda/base/error.hpp"
#include "neurocuda/data/parse.hpp"

namespace neurocuda::data {
namespace {

constexpr std::uint8_t kPng[] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};
constexpr std::uint8_t kJpeg[] = {0xFF, 0xD8, 0xFF};

bool begins_with(std::span<const std::uint8_t> bytes, std::span<const std::uint8_t> signature) {
  return bytes.size() >= signature.size() && std::equal(signature.begin(), signature.end(), bytes.begin());
}

void check_size(const ImageSize& size, std::string_view file, std::int64_t most_pixels) {
  if (size.height < 1 || size.width < 1) {
    fail("{}: a damaged image of {}x{} pixels; save it anew or take it out of the folder", file, size.height,
         size.width);
  }
  if (size.width > most_pixels / size.height) {
    fail("{}: an image of {}x{} pixels, more than the {} that are read; make it smaller", file, size.height, size.width,
         most_pixels);
  }
}

}  // namespace

ImageSize parse_image_size(std::span<const std::uint8_t> bytes, std::string_view file, std::int64_t most_pixels) {
  ImageSize size;
  if (begins_with(bytes, kPng)) {
    size = png_size(bytes, file);
  } else if (begins_with(bytes, kJpeg)) {
    size = jpeg_size(bytes, file);
  } else {
    fail("{}: neither a PNG nor a JPEG image, whatever its name says; convert it or take it out of the folder", file);
  }
  check_size(size, file, most_pixels);
  return size;
}

Picture parse_image(std::span<const std::uint8_t> bytes, std::string_view file, std::int64_t most_pixels) {
  const ImageSize size = parse_image_size(bytes, file, most_pixels);
  return begins_with(bytes, kPng) ? decode_png(bytes, file) : decode_jpeg(bytes, size, file);
}

Picture with_channels(Picture picture, std::int64_t channels) {
  if (picture.size.channels == channels) return picture;
  const auto plane = static_cast<std::size_t>(picture.size.height * picture.size.width);
  Picture changed{{channels, picture.size.height, picture.size.width}, {}};
  if (channels == 3) {
    for (int copy = 0; copy < 3; ++copy)
      changed.pixels.insert(changed.pixels.end(), picture.pixels.begin(), picture.pixels.end());
    return changed;
  }
  changed.pixels.resize(plane);
  const std::uint8_t* pixels = picture.pixels.data();
  for (std::size_t i = 0; i < plane; ++i) {
    const std::uint32_t sum =
        pixels[i] * 19595U + pixels[plane + i] * 38470U + pixels[2 * plane + i] * 7471U + (1U << 15);
    changed.pixels[i] = static_cast<std::uint8_t>(sum >> 16);
  }
  return changed;
}

}  // namespace neurocuda::data
