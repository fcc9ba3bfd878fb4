#pragma once

#include <cstdint>
#include <vector>

#include "neurocuda/base/shape.hpp"
#include "neurocuda/program/program.hpp"
#include "runtime/cpu/plan/plan.hpp"

/// Pools over channel-last values: bits are [position][words], integers [position][channels]. Results are overwritten.
namespace neurocuda::runtime::cpu {

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

/// The spikes of a node at one timestep.
struct SpikePlanes {
  const std::uint64_t* bits;      ///< those of 1
  const std::uint64_t* negative;  ///< those of -1; null where there can be none
};

void or_pool(const Window& window, const PlannedNode& source, const PlannedNode& target, const std::uint64_t* bits,
             std::uint64_t* pooled);
void sum_spikes(const Window& window, const PlannedNode& source, const PlannedNode& target, const SpikePlanes& spikes,
                std::int32_t* pooled);
void sum_values(const Window& window, const PlannedNode& source, const PlannedNode& target, const std::int32_t* values,
                std::int32_t* pooled);

/// A max pool of counts through the timesteps of an image. A channel that takes the minimum counts downwards, so that
/// its minimum is a maximum too.
class CountPool {
 public:
  CountPool(const program::OrPool& pool, const PlannedNode& source, const PlannedNode& target);

  /// Of the next timestep, from the first on. `negative` is for the spikes of -1, null where there can be none.
  void step(const SpikePlanes& spikes, std::uint64_t* pooled, std::uint64_t* negative);

 private:
  void add(const std::uint64_t* bits, std::int16_t sign);

  const Window& window_;
  const PlannedNode &source_, &target_;
  std::vector<std::int16_t> step_;    ///< (padded,): 1, or -1 where the minimum is taken
  std::vector<std::int16_t> counts_;  ///< [source position][padded]
  std::vector<std::int16_t> maxima_;  ///< [target position][padded], of the timestep before
  std::vector<std::int16_t> now_;     ///< the same while they are made
};

}  // namespace neurocuda::runtime::cpu
