#include "neurocuda/data/resize.hpp"

#include <algorithm>
#include <cmath>

namespace neurocuda::data {
namespace {

/// Pillow computes in 32 bits: 8 of the pixel, 2 of head room, 22 of the weight (libImaging/Resample.c).
constexpr int kPrecisionBits = 32 - 8 - 2;

/// What one output pixel is made of: input pixels [begin, begin + weights.size()).
struct Tap {
  std::int64_t begin = 0;
  std::vector<std::int32_t> weights;
};

double triangle(double x) {
  x = std::abs(x);
  return x < 1.0 ? 1.0 - x : 0.0;
}

/// The same double-precision operations in the same order as precompute_coeffs and normalize_coeffs_8bpc.
Tap tap_at(std::int64_t position, std::int64_t from, double scale) {
  const double filter_scale = std::max(scale, 1.0);
  const double support = 1.0 * filter_scale;
  const double center = (static_cast<double>(position) + 0.5) * scale;
  const double step = 1.0 / filter_scale;
  Tap tap;
  tap.begin = std::max<std::int64_t>(0, static_cast<std::int64_t>(center - support + 0.5));
  const std::int64_t end = std::min(from, static_cast<std::int64_t>(center + support + 0.5));
  std::vector<double> weights;
  double sum = 0;
  for (std::int64_t x = tap.begin; x < end; ++x) {
    weights.push_back(triangle((static_cast<double>(x) - center + 0.5) * step));
    sum += weights.back();
  }
  for (double& weight : weights) {
    if (sum != 0.0) weight /= sum;
    tap.weights.push_back(static_cast<std::int32_t>(0.5 + weight * (1 << kPrecisionBits)));
  }
  return tap;
}

std::vector<Tap> taps(std::int64_t from, std::int64_t to) {
  const double scale = static_cast<double>(from) / static_cast<double>(to);
  std::vector<Tap> list;
  for (std::int64_t i = 0; i < to; ++i) list.push_back(tap_at(i, from, scale));
  return list;
}

std::uint8_t rounded(std::int32_t sum) { return static_cast<std::uint8_t>(std::clamp(sum >> kPrecisionBits, 0, 255)); }

constexpr std::int32_t kHalf = 1 << (kPrecisionBits - 1);

void resize_rows(const std::uint8_t* in, std::int64_t rows, std::int64_t width, const std::vector<Tap>& taps,
                 std::uint8_t* out) {
  for (std::int64_t row = 0; row < rows; ++row, in += width) {
    for (const Tap& tap : taps) {
      std::int32_t sum = kHalf;
      for (std::size_t i = 0; i < tap.weights.size(); ++i)
        sum += in[tap.begin + static_cast<std::int64_t>(i)] * tap.weights[i];
      *out++ = rounded(sum);
    }
  }
}

void resize_columns(const std::uint8_t* in, std::int64_t width, const std::vector<Tap>& taps, std::uint8_t* out) {
  for (const Tap& tap : taps) {
    for (std::int64_t x = 0; x < width; ++x) {
      std::int32_t sum = kHalf;
      for (std::size_t i = 0; i < tap.weights.size(); ++i)
        sum += in[(tap.begin + static_cast<std::int64_t>(i)) * width + x] * tap.weights[i];
      *out++ = rounded(sum);
    }
  }
}

std::vector<std::uint8_t> with_width(const std::vector<std::uint8_t>& image, const ImageSize& from,
                                     std::int64_t width) {
  if (width == from.width) return image;
  std::vector<std::uint8_t> out(static_cast<std::size_t>(from.channels * from.height * width));
  resize_rows(image.data(), from.channels * from.height, from.width, taps(from.width, width), out.data());
  return out;
}

std::vector<std::uint8_t> with_height(const std::vector<std::uint8_t>& image, const ImageSize& from,
                                      std::int64_t height) {
  if (height == from.height) return image;
  const auto vertical = taps(from.height, height);
  std::vector<std::uint8_t> out(static_cast<std::size_t>(from.channels * height * from.width));
  for (std::int64_t c = 0; c < from.channels; ++c) {
    resize_columns(image.data() + c * from.height * from.width, from.width, vertical,
                   out.data() + c * height * from.width);
  }
  return out;
}

}  // namespace

std::vector<std::uint8_t> resized(std::span<const std::uint8_t> pixels, const ImageSize& from, const ImageSize& to) {
  // Both passes round, so that their order shows. This is the rule of Pillow 13 (earlier versions always took rows
  // first), found by trying all sizes.
  const bool columns_first = to.height < from.height && from.height - to.height > 2 * (from.width - to.width);
  std::vector<std::uint8_t> image(pixels.begin(), pixels.end());
  if (columns_first) {
    image = with_height(image, from, to.height);
    return with_width(image, {from.channels, to.height, from.width}, to.width);
  }
  image = with_width(image, from, to.width);
  return with_height(image, {from.channels, from.height, to.width}, to.height);
}

std::vector<std::uint8_t> center_cropped(std::span<const std::uint8_t> pixels, const ImageSize& from,
                                         const ImageSize& to) {
  // Python's round(): halves go to the even neighbour, as std::nearbyint does.
  const auto middle = [](std::int64_t outer, std::int64_t inner) {
    return static_cast<std::int64_t>(std::nearbyint(static_cast<double>(outer - inner) / 2.0));
  };
  const std::int64_t top = middle(from.height, to.height), left = middle(from.width, to.width);
  std::vector<std::uint8_t> out(static_cast<std::size_t>(to.pixels()));
  std::uint8_t* row = out.data();
  for (std::int64_t c = 0; c < from.channels; ++c) {
    for (std::int64_t y = 0; y < to.height; ++y, row += to.width)
      std::copy_n(pixels.data() + (c * from.height + top + y) * from.width + left, to.width, row);
  }
  return out;
}

ImageSize with_shorter_side(const ImageSize& from, std::int64_t shorter) {
  const std::int64_t low = std::min(from.height, from.width), high = std::max(from.height, from.width);
  // In this order, so that the quotient is rounded down as torchvision's is.
  const std::int64_t longer = shorter * high / low;
  return from.height <= from.width ? ImageSize{from.channels, shorter, longer}
                                   : ImageSize{from.channels, longer, shorter};
}

ImageSize covering(const ImageSize& from, const ImageSize& to) {
  // The side that is relatively shorter decides; the other one is rounded down, but never below what it must cover.
  if (to.height * from.width >= to.width * from.height)
    return {from.channels, to.height, std::max(to.width, to.height * from.width / from.height)};
  return {from.channels, std::max(to.height, to.width * from.height / from.width), to.width};
}

}  // namespace neurocuda::data
