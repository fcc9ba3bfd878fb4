#include "runtime/reference/pools.hpp"

#include <algorithm>
#include <optional>

namespace neurocuda::runtime::reference {
namespace {

/// visit(position in the source's plane) for every position under the window at output (y, x).
template <class Visit>
void for_each_covered(const Window& w, const Shape& source, std::int64_t y, std::int64_t x, const Visit& visit) {
  for (std::int64_t ky = 0; ky < w.kernel.height; ++ky) {
    const std::int64_t in_y = y * w.stride.height - w.padding.height + ky * w.dilation.height;
    if (in_y < 0 || in_y >= source[1]) continue;
    for (std::int64_t kx = 0; kx < w.kernel.width; ++kx) {
      const std::int64_t in_x = x * w.stride.width - w.padding.width + kx * w.dilation.width;
      if (in_x >= 0 && in_x < source[2]) visit(in_y * source[2] + in_x);
    }
  }
}

/// What reduce(channel, y, x) returns for every value of the target, in order.
template <class Reduce>
Values for_each_output(const Shape& target, const Reduce& reduce) {
  Values pooled;
  for (std::int64_t c = 0; c < target[0]; ++c) {
    for (std::int64_t y = 0; y < target[1]; ++y) {
      for (std::int64_t x = 0; x < target[2]; ++x) pooled.push_back(reduce(c, y, x));
    }
  }
  return pooled;
}

}  // namespace

Values sum_pool(const Window& window, const Shape& source, const Shape& target, const Values& values) {
  return for_each_output(target, [&](std::int64_t c, std::int64_t y, std::int64_t x) {
    const std::int32_t* plane = values.data() + c * source[1] * source[2];
    std::int32_t sum = 0;
    for_each_covered(window, source, y, x, [&](std::int64_t position) { sum += plane[position]; });
    return sum;
  });
}

Values or_pool(const Window& window, const Shape& source, const Shape& target, const Values& values) {
  Values pooled =
      sum_pool(window, source, target, values);  // spikes are never negative: any one makes the sum positive
  for (std::int32_t& value : pooled) value = value != 0 ? 1 : 0;
  return pooled;
}

Values max_pool_of_counts(const program::OrPool& pool, const Shape& source, const Shape& target, const Values& spikes,
                          PooledCounts& state) {
  state.counts.resize(spikes.size(), 0);
  for (std::size_t i = 0; i < spikes.size(); ++i) state.counts[i] += spikes[i];
  const Values now = for_each_output(target, [&](std::int64_t c, std::int64_t y, std::int64_t x) {
    const std::int32_t* plane = state.counts.data() + c * source[1] * source[2];
    const bool least = !pool.takes_minimum.empty() && pool.takes_minimum[static_cast<std::size_t>(c)] != 0;
    std::optional<std::int32_t> best;
    for_each_covered(pool.window, source, y, x, [&](std::int64_t position) {
      const std::int32_t count = plane[position];
      best = !best ? count : least ? std::min(*best, count) : std::max(*best, count);
    });
    return best.value_or(0);
  });
  state.pooled.resize(now.size(), 0);
  Values grown(now.size());
  for (std::size_t i = 0; i < now.size(); ++i) grown[i] = now[i] - state.pooled[i];
  state.pooled = now;
  return grown;
}

}  // namespace neurocuda::runtime::reference
