#include "neurocuda/data/augment.hpp"

#include <algorithm>

namespace neurocuda::data {
namespace {

/// The finaliser of splitmix64 (Steele, Lea and Flood, OOPSLA 2014): a bijection that mixes all bits.
std::uint64_t mix(std::uint64_t x) {
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9U;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBU;
  return x ^ (x >> 31);
}

/// splitmix64: an image needs five draws, too few to pay for the set-up of Random's Mersenne twister.
class ImageRandom {
 public:
  explicit ImageRandom(std::uint64_t state) : state_(state) {}
  /// Uniform in [0, bound). The bias of the multiplication is below bound / 2^32.
  std::int64_t below(std::int64_t bound) {
    state_ += 0x9E3779B97F4A7C15U;
    return static_cast<std::int64_t>((mix(state_) >> 32) * static_cast<std::uint64_t>(bound) >> 32);
  }

 private:
  std::uint64_t state_;
};

/// What a stored pixel is to the network, and what lies around the image: pixel 0, or the mean colour.
struct TableLookup {
  const float* levels;
  float operator()(std::uint8_t pixel) const { return levels[pixel]; }
  float border() const { return levels[0]; }
};
struct AsIs {
  float operator()(float value) const { return value; }
  float border() const { return 0.0F; }
};

/// One output row before mirroring: row[x] = level(source[x + right]), the border where that lies outside.
template <class Pixel, class Level>
void shift_row(const Pixel* source, std::int64_t width, std::int64_t right, const Level& level, float* row) {
  const std::int64_t begin = std::clamp<std::int64_t>(-right, 0, width);
  const std::int64_t end = std::clamp<std::int64_t>(width - right, begin, width);
  std::fill(row, row + begin, level.border());
  for (std::int64_t x = begin; x < end; ++x) row[x] = level(source[x + right]);
  std::fill(row + end, row + width, level.border());
}

template <class Pixel, class Level>
void place_row(const Pixel* channel, std::int64_t y, const ImageSize& size, const Placement& placement,
               const Level& level, float* row) {
  const std::int64_t from = y + placement.down;
  if (from < 0 || from >= size.height) {
    std::fill(row, row + size.width, level.border());
  } else {
    shift_row(channel + from * size.width, size.width, placement.right, level, row);
    if (placement.mirror) std::reverse(row, row + size.width);
  }
  if (y >= placement.top && y < placement.bottom) std::fill(row + placement.left, row + placement.right_edge, 0.0F);
}

}  // namespace

std::uint64_t epoch_seed(std::uint64_t seed, std::int64_t epoch) {
  return mix(mix(seed + 0x9E3779B97F4A7C15U) ^ static_cast<std::uint64_t>(epoch));
}

Placement draw_placement(const Augmentation& augmentation, const ImageSize& size, std::uint64_t seed,
                         std::int64_t epoch, std::int64_t image) {
  ImageRandom random(mix(epoch_seed(seed, epoch) ^ static_cast<std::uint64_t>(image)));
  const std::int64_t offsets = 2 * std::int64_t{augmentation.crop_padding} + 1;
  Placement placement;
  placement.down = random.below(offsets) - augmentation.crop_padding;
  placement.right = random.below(offsets) - augmentation.crop_padding;
  placement.mirror = random.below(2) == 1 && augmentation.flip;
  const std::int64_t y = random.below(size.height);
  const std::int64_t x = random.below(size.width);
  if (augmentation.cutout > 0) {
    // The centre is uniform over the image and the square is clipped at the border (DeVries and Taylor, 2017).
    const std::int64_t side = augmentation.cutout;
    placement.top = std::max<std::int64_t>(0, y - side / 2);
    placement.bottom = std::min(size.height, y - side / 2 + side);
    placement.left = std::max<std::int64_t>(0, x - side / 2);
    placement.right_edge = std::min(size.width, x - side / 2 + side);
  }
  return placement;
}

void place_image(std::span<const std::uint8_t> pixels, const ImageSize& size, const Placement& placement,
                 std::span<const float> table, std::span<float> out) {
  const std::int64_t plane = size.height * size.width;
  for (std::int64_t c = 0; c < size.channels; ++c) {
    for (std::int64_t y = 0; y < size.height; ++y) {
      place_row(pixels.data() + c * plane, y, size, placement, TableLookup{table.data() + c * 256},
                out.data() + c * plane + y * size.width);
    }
  }
}

void place_values(std::span<const float> values, const ImageSize& size, const Placement& placement,
                  std::span<float> out) {
  const std::int64_t plane = size.height * size.width;
  for (std::int64_t row = 0; row < size.channels * size.height; ++row) {
    const std::int64_t channel = row / size.height;
    place_row(values.data() + channel * plane, row % size.height, size, placement, AsIs{},
              out.data() + row * size.width);
  }
}

}  // namespace neurocuda::data
