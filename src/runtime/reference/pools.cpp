#include "runtime/reference/pools.hpp"

namespace neurocuda::runtime::reference {
namespace {

/// The sum under the window at output (y, x) of one channel's plane.
std::int32_t window_sum(const Window& w, const Shape& source, const std::int32_t* plane, std::int64_t y,
                        std::int64_t x) {
  std::int32_t sum = 0;
  for (std::int64_t ky = 0; ky < w.kernel.height; ++ky) {
    const std::int64_t in_y = y * w.stride.height - w.padding.height + ky * w.dilation.height;
    if (in_y < 0 || in_y >= source[1]) continue;
    for (std::int64_t kx = 0; kx < w.kernel.width; ++kx) {
      const std::int64_t in_x = x * w.stride.width - w.padding.width + kx * w.dilation.width;
      if (in_x >= 0 && in_x < source[2]) sum += plane[in_y * source[2] + in_x];
    }
  }
  return sum;
}

}  // namespace

Values sum_pool(const Window& window, const Shape& source, const Shape& target, const Values& values) {
  Values pooled;
  for (std::int64_t c = 0; c < target[0]; ++c) {
    const std::int32_t* plane = values.data() + c * source[1] * source[2];
    for (std::int64_t y = 0; y < target[1]; ++y) {
      for (std::int64_t x = 0; x < target[2]; ++x) pooled.push_back(window_sum(window, source, plane, y, x));
    }
  }
  return pooled;
}

Values or_pool(const Window& window, const Shape& source, const Shape& target, const Values& values) {
  Values pooled =
      sum_pool(window, source, target, values);  // spikes are never negative: any one makes the sum positive
  for (std::int32_t& value : pooled) value = value != 0 ? 1 : 0;
  return pooled;
}

}  // namespace neurocuda::runtime::reference
