#include "cli/page/picture.hpp"

#include <fmt/format.h>
#include <png.h>

#include <algorithm>
#include <string_view>
#include <vector>

#include "cli/page/svg.hpp"
#include "neurocuda/base/error.hpp"

namespace neurocuda::cli::page {
namespace {

/// RFC 4648.
std::string base64(std::string_view bytes) {
  constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::string_view group = bytes.substr(i, 3);
    unsigned bits = 0;
    for (std::size_t k = 0; k < 3; ++k)
      bits = bits << 8 | (k < group.size() ? static_cast<unsigned char>(group[k]) : 0U);
    for (std::size_t k = 0; k < 4; ++k) text += k <= group.size() ? kDigits[bits >> (18 - 6 * k) & 63U] : '=';
  }
  return text;
}

std::string png_of(const Tensor<std::uint8_t>& pixels) {
  const std::int64_t channels = pixels.extent(0), plane = pixels.extent(1) * pixels.extent(2);
  std::vector<std::uint8_t> interleaved;
  for (std::int64_t i = 0; i < plane; ++i) {
    for (std::int64_t c = 0; c < channels; ++c) interleaved.push_back(pixels[c * plane + i]);
  }
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  image.width = static_cast<png_uint_32>(pixels.extent(2));
  image.height = static_cast<png_uint_32>(pixels.extent(1));
  image.format = channels == 1 ? PNG_FORMAT_GRAY : PNG_FORMAT_RGB;
  png_alloc_size_t size = PNG_IMAGE_PNG_SIZE_MAX(image);
  std::string bytes(size, '\0');
  const int written = png_image_write_to_memory(&image, bytes.data(), &size, 0, interleaved.data(), 0, nullptr);
  ensure(written != 0, "the picture of an image could not be compressed");
  bytes.resize(size);
  return bytes;
}

/// (C, H, W) with C 1 or 3, of what has another number of channels.
Tensor<float> looked_at(TensorView<const float> values) {
  const std::int64_t channels = values.extent(0), plane = values.extent(1) * values.extent(2);
  if (channels == 1 || channels == 3)
    return Tensor<float>(values.shape(), {values.data(), values.data() + values.size()});
  Tensor<float> mean({1, values.extent(1), values.extent(2)});
  for (std::int64_t i = 0; i < values.size(); ++i)
    mean.data()[i % plane] += values.data()[i] / static_cast<float>(channels);
  return mean;
}

Tensor<std::uint8_t> stretched(const Tensor<float>& values) {
  const auto [low, high] = std::minmax_element(values.data(), values.data() + values.size());
  const float span = std::max(*high - *low, 1e-12F);
  Tensor<std::uint8_t> pixels(values.shape());
  for (std::int64_t i = 0; i < values.size(); ++i)
    pixels.data()[i] = static_cast<std::uint8_t>(255.0F * ((values[i] - *low) / span) + 0.5F);
  return pixels;
}

}  // namespace

Tensor<std::uint8_t> visible_pixels(const data::Dataset& dataset, std::int64_t image) {
  const Shape shape = dataset.image_shape();
  if (shape[1] * shape[2] == 1) return {};
  const std::int64_t channels = shape[0];
  if (!dataset.is_normalized() && (channels == 1 || channels == 3)) {
    std::vector<std::uint8_t> buffer;
    const auto pixels = dataset.pixels(image, buffer);
    return {shape, {pixels.begin(), pixels.end()}};
  }
  const Tensor<float> values = data::normalized(dataset, image, image + 1, {}, {});
  return stretched(looked_at(values.view().slice(0)));
}

std::string image_tag(const Tensor<std::uint8_t>& pixels, const std::string& description) {
  return fmt::format("<img alt=\"{}\" src=\"data:image/png;base64,{}\">", escape(description), base64(png_of(pixels)));
}

}  // namespace neurocuda::cli::page
