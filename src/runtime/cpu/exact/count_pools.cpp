#include "runtime/cpu/exact/count_pools.hpp"

#include <algorithm>
#include <limits>
#include <vector>

#include "runtime/cpu/run/pools.hpp"

namespace neurocuda::runtime::cpu::exact {

void sum_counts(const Window& window, const PlannedNode& source, const PlannedNode& target, const std::uint8_t* counts,
                std::int32_t* pooled) {
  std::fill_n(pooled, target.positions * target.channels, 0);
  for_each_covered(window, source, target, [&](std::int64_t out, std::int64_t in) {
    for (std::int64_t c = 0; c < target.channels; ++c)
      pooled[out * target.channels + c] += counts[in * source.padded + c];
  });
}

void max_counts(const program::OrPool& pool, const PlannedNode& source, const PlannedNode& target,
                const std::uint8_t* counts, std::uint8_t* pooled) {
  constexpr std::uint8_t kAll = std::numeric_limits<std::uint8_t>::max();
  // A minimum is a maximum of what is turned upside down.
  std::vector<std::uint8_t> turned(static_cast<std::size_t>(target.padded), 0);
  for (std::size_t c = 0; c < pool.takes_minimum.size(); ++c) turned[c] = pool.takes_minimum[c] != 0 ? kAll : 0;
  std::vector<bool> covered(static_cast<std::size_t>(target.positions), false);
  std::fill_n(pooled, target.positions * target.padded, 0);
  for_each_covered(pool.window, source, target, [&](std::int64_t out, std::int64_t in) {
    covered[static_cast<std::size_t>(out)] = true;
    std::uint8_t* most = pooled + out * target.padded;
    const std::uint8_t* count = counts + in * source.padded;
    for (std::int64_t c = 0; c < target.padded; ++c) {
      const auto value = static_cast<std::uint8_t>(count[c] ^ turned[static_cast<std::size_t>(c)]);
      most[c] = std::max(most[c], value);
    }
  });
  for (std::int64_t p = 0; p < target.positions; ++p) {
    if (!covered[static_cast<std::size_t>(p)]) continue;
    std::uint8_t* most = pooled + p * target.padded;
    for (std::int64_t c = 0; c < target.padded; ++c) most[c] ^= turned[static_cast<std::size_t>(c)];
  }
}

}  // namespace neurocuda::runtime::cpu::exact
