#include <png.h>

#include "data/images/decoders.hpp"
#include "neurocuda/base/error.hpp"

namespace neurocuda::data {
namespace {

/// libpng's simplified interface: it reports errors in the struct instead of jumping.
class Reader {
 public:
  Reader(std::span<const std::uint8_t> bytes, std::string_view file) : file_(file) {
    image_.version = PNG_IMAGE_VERSION;
    if (png_image_begin_read_from_memory(&image_, bytes.data(), bytes.size()) == 0) refuse();
  }
  ~Reader() { png_image_free(&image_); }
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  ImageSize size() const {
    const bool color = (image_.format & PNG_FORMAT_FLAG_COLOR) != 0;
    return {color ? 3 : 1, image_.height, image_.width};
  }

  /// Interleaved, with alpha. 16-bit samples are sRGB like all others, not linear.
  std::vector<std::uint8_t> finish() {
    image_.flags |= PNG_IMAGE_FLAG_16BIT_sRGB;
    image_.format = size().channels == 3 ? PNG_FORMAT_RGBA : PNG_FORMAT_GA;
    std::vector<std::uint8_t> samples(PNG_IMAGE_SIZE(image_));
    if (png_image_finish_read(&image_, nullptr, samples.data(), 0, nullptr) == 0) refuse();
    return samples;
  }

 private:
  [[noreturn]] void refuse() const {
    fail("{}: a damaged PNG image ({}); save it anew or take it out of the folder", file_, image_.message);
  }

  std::string_view file_;
  png_image image_{};
};

// The header of a PNG image stands at fixed places: signature, length and name of IHDR, width, height, depth, colour.
constexpr std::size_t kHeaderBytes = 29;

std::int64_t big_endian(const std::uint8_t* bytes) {
  return std::int64_t{bytes[0]} << 24 | bytes[1] << 16 | bytes[2] << 8 | bytes[3];
}

}  // namespace

ImageSize png_size(std::span<const std::uint8_t> bytes, std::string_view file) {
  if (bytes.size() < kHeaderBytes || std::string_view(reinterpret_cast<const char*>(&bytes[12]), 4) != "IHDR")
    fail("{}: a damaged PNG image (no header); save it anew or take it out of the folder", file);
  constexpr unsigned kColor = 2;
  return {(bytes[25] & kColor) != 0 ? 3 : 1, big_endian(&bytes[20]), big_endian(&bytes[16])};
}

Picture decode_png(std::span<const std::uint8_t> bytes, std::string_view file) {
  Reader reader(bytes, file);
  Picture picture{reader.size(), {}};
  const auto samples = reader.finish();
  const auto channels = static_cast<std::size_t>(picture.size.channels);
  const std::size_t plane = samples.size() / (channels + 1);
  picture.pixels.resize(plane * channels);
  for (std::size_t i = 0; i < plane; ++i) {
    for (std::size_t c = 0; c < channels; ++c) picture.pixels[c * plane + i] = samples[i * (channels + 1) + c];
  }
  return picture;
}

}  // namespace neurocuda::data
