#include "runtime/cpu/pools.hpp"

#include <algorithm>
#include <bit>

namespace neurocuda::runtime::cpu {
namespace {

/// Calls visit(target position, source position) for every source position under every window.
template <class Visit>
void for_each_covered(const Window& w, const PlannedNode& source, const PlannedNode& target, const Visit& visit) {
  for (std::int64_t out = 0; out < target.positions; ++out) {
    const std::int64_t top = out / target.width * w.stride.height - w.padding.height;
    const std::int64_t left = out % target.width * w.stride.width - w.padding.width;
    for (std::int64_t ky = 0; ky < w.kernel.height; ++ky) {
      const std::int64_t y = top + ky * w.dilation.height;
      if (y < 0 || y >= source.height) continue;
      for (std::int64_t kx = 0; kx < w.kernel.width; ++kx) {
        const std::int64_t x = left + kx * w.dilation.width;
        if (x >= 0 && x < source.width) visit(out, y * source.width + x);
      }
    }
  }
}

}  // namespace

void or_pool(const Window& window, const PlannedNode& source, const PlannedNode& target, const std::uint64_t* bits,
             std::uint64_t* pooled) {
  const std::int64_t words = target.words;
  std::fill_n(pooled, target.positions * words, 0);
  for_each_covered(window, source, target, [&](std::int64_t out, std::int64_t in) {
    for (std::int64_t word = 0; word < words; ++word) pooled[out * words + word] |= bits[in * words + word];
  });
}

void sum_spikes(const Window& window, const PlannedNode& source, const PlannedNode& target, const std::uint64_t* bits,
                std::int32_t* pooled) {
  std::fill_n(pooled, target.positions * target.channels, 0);
  for_each_covered(window, source, target, [&](std::int64_t out, std::int64_t in) {
    for (std::int64_t word = 0; word < source.words; ++word) {
      std::int32_t* counts = pooled + out * target.channels + 64 * word;
      for (std::uint64_t left = bits[in * source.words + word]; left != 0; left &= left - 1)
        ++counts[std::countr_zero(left)];
    }
  });
}

void sum_values(const Window& window, const PlannedNode& source, const PlannedNode& target, const std::int32_t* values,
                std::int32_t* pooled) {
  std::fill_n(pooled, target.positions * target.channels, 0);
  for_each_covered(window, source, target, [&](std::int64_t out, std::int64_t in) {
    for (std::int64_t c = 0; c < target.channels; ++c)
      pooled[out * target.channels + c] += values[in * target.channels + c];
  });
}

}  // namespace neurocuda::runtime::cpu
