#pragma once

#include <cstdint>
#include <span>

#include "neurocuda/data/loader.hpp"

namespace neurocuda::data {

/// Extents of one image.
struct ImageSize {
  std::int64_t channels = 0, height = 0, width = 0;
  std::int64_t pixels() const { return channels * height * width; }
};

/// What happens to one image: shift, then mirror, then cut out.
struct Placement {
  std::int64_t down = 0, right = 0;  ///< output pixel (y, x) shows input pixel (y + down, x + right)
  bool mirror = false;               ///< left-right, of the shifted image
  std::int64_t top = 0, bottom = 0, left = 0,
               right_edge = 0;  ///< output rows and columns [top, bottom) x [left, right_edge) are cut out
};

/// Draws for one image, a pure function of (seed, epoch, image). Each kind has draws of its own, so that switching one
/// on does not change the others.
Placement draw_placement(const Augmentation& augmentation, const ImageSize& size, std::uint64_t seed,
                         std::int64_t epoch, std::int64_t image);

/// Writes the normalised image. `table` is (channels, 256); pixels shifted in are the value of pixel 0, the cut-out
/// square is 0 (the mean colour).
void place_image(std::span<const std::uint8_t> pixels, const ImageSize& size, const Placement& placement,
                 std::span<const float> table, std::span<float> out);

/// The same for an image that is normalised already; pixels shifted in are 0.
void place_values(std::span<const float> values, const ImageSize& size, const Placement& placement,
                  std::span<float> out);

/// The seed of epoch's order, and of everything else that depends on (seed, epoch).
std::uint64_t epoch_seed(std::uint64_t seed, std::int64_t epoch);

}  // namespace neurocuda::data
