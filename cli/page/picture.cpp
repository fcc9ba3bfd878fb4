#include "cli/page/picture.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <string_view>
#include <vector>

#include "cli/page/svg.hpp"
#include "neurocuda/data/picture.hpp"

namespace neurocuda::cli::page {
namespace {

/// RFC 4648.
std::string base64(std::span<const std::uint8_t> bytes) {
  constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const auto group = bytes.subspan(i, std::min<std::size_t>(3, bytes.size() - i));
    unsigned bits = 0;
    for (std::size_t k = 0; k < 3; ++k) bits = bits << 8 | (k < group.size() ? unsigned{group[k]} : 0U);
    for (std::size_t k = 0; k < 4; ++k) text += k <= group.size() ? kDigits[bits >> (18 - 6 * k) & 63U] : '=';
  }
  return text;
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
  const auto values = pixels.values();
  const data::Picture picture{{pixels.extent(0), pixels.extent(1), pixels.extent(2)}, {values.begin(), values.end()}};
  return fmt::format("<img alt=\"{}\" src=\"data:image/png;base64,{}\">", escape(description),
                     base64(data::png_bytes(picture)));
}

}  // namespace neurocuda::cli::page
