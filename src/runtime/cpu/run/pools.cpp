#include "runtime/cpu/run/pools.hpp"

#include <algorithm>
#include <bit>
#include <limits>
#include <utility>

namespace neurocuda::runtime::cpu {
void or_pool(const Window& window, const PlannedNode& source, const PlannedNode& target, const std::uint64_t* bits,
             std::uint64_t* pooled) {
  const std::int64_t words = target.words;
  std::fill_n(pooled, target.positions * words, 0);
  for_each_covered(window, source, target, [&](std::int64_t out, std::int64_t in) {
    for (std::int64_t word = 0; word < words; ++word) pooled[out * words + word] |= bits[in * words + word];
  });
}

void sum_spikes(const Window& window, const PlannedNode& source, const PlannedNode& target, const SpikePlanes& spikes,
                std::int32_t* pooled) {
  std::fill_n(pooled, target.positions * target.channels, 0);
  const auto add = [&](const std::uint64_t* bits, std::int32_t sign) {
    for_each_covered(window, source, target, [&](std::int64_t out, std::int64_t in) {
      for (std::int64_t word = 0; word < source.words; ++word) {
        std::int32_t* counts = pooled + out * target.channels + 64 * word;
        for (std::uint64_t left = bits[in * source.words + word]; left != 0; left &= left - 1)
          counts[std::countr_zero(left)] += sign;
      }
    });
  };
  add(spikes.bits, 1);
  if (spikes.negative != nullptr) add(spikes.negative, -1);
}

void sum_values(const Window& window, const PlannedNode& source, const PlannedNode& target, const std::int32_t* values,
                std::int32_t* pooled) {
  std::fill_n(pooled, target.positions * target.channels, 0);
  for_each_covered(window, source, target, [&](std::int64_t out, std::int64_t in) {
    for (std::int64_t c = 0; c < target.channels; ++c)
      pooled[out * target.channels + c] += values[in * target.channels + c];
  });
}

CountPool::CountPool(const program::OrPool& pool, const PlannedNode& source, const PlannedNode& target)
    : window_(pool.window),
      source_(source),
      target_(target),
      step_(static_cast<std::size_t>(64 * source.words), 1),
      counts_(static_cast<std::size_t>(source.positions) * step_.size(), 0),
      maxima_(static_cast<std::size_t>(target.positions) * step_.size(), 0),
      now_(maxima_.size()) {
  for (std::size_t c = 0; c < pool.takes_minimum.size(); ++c) {
    if (pool.takes_minimum[c] != 0) step_[c] = -1;
  }
}

void CountPool::add(const std::uint64_t* bits, std::int16_t sign) {
  const auto width = static_cast<std::int64_t>(step_.size());
  for (std::int64_t position = 0; position < source_.positions; ++position) {
    for (std::int64_t word = 0; word < source_.words; ++word) {
      std::int16_t* counts = counts_.data() + position * width + 64 * word;
      const std::int16_t* step = step_.data() + 64 * word;
      for (std::uint64_t left = bits[position * source_.words + word]; left != 0; left &= left - 1) {
        const int channel = std::countr_zero(left);
        counts[channel] = static_cast<std::int16_t>(counts[channel] + sign * step[channel]);
      }
    }
  }
}

void CountPool::step(const SpikePlanes& spikes, std::uint64_t* pooled, std::uint64_t* negative) {
  constexpr std::int16_t kNone = std::numeric_limits<std::int16_t>::min();  // under a window that covers nothing
  add(spikes.bits, 1);
  if (spikes.negative != nullptr) add(spikes.negative, -1);
  const auto width = static_cast<std::int64_t>(step_.size());
  std::fill(now_.begin(), now_.end(), kNone);
  for_each_covered(window_, source_, target_, [&](std::int64_t out, std::int64_t in) {
    std::int16_t* most = now_.data() + out * width;
    const std::int16_t* counts = counts_.data() + in * width;
    for (std::int64_t c = 0; c < width; ++c) most[c] = std::max(most[c], counts[c]);
  });
  std::fill_n(pooled, target_.positions * target_.words, 0);
  if (negative != nullptr) std::fill_n(negative, target_.positions * target_.words, 0);
  for (std::size_t i = 0; i < now_.size(); ++i) {
    if (now_[i] == maxima_[i] || now_[i] == kNone) continue;
    // A channel that counts downwards sends what its minimum does.
    const bool grew = (now_[i] > maxima_[i]) == (step_[i % step_.size()] > 0);
    std::uint64_t& word = grew ? pooled[i / 64] : negative[i / 64];
    word |= std::uint64_t{1} << (i % 64);
  }
  std::swap(now_, maxima_);
}

}  // namespace neurocuda::runtime::cpu
