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

CountPool::CountPool(const program::OrPool& pool, const PlannedNode& source, const PlannedNode& target)
    : window_(pool.window),
      source_(source),
      target_(target),
      step_(static_cast<std::size_t>(64 * source.words), 1),
      counts_(static_cast<std::size_t>(source.positions) * step_.size(), 0),
      maxima_(static_cast<std::size_t>(target.positions) * step_.size(), 0) {
  for (std::size_t c = 0; c < pool.takes_minimum.size(); ++c) {
    if (pool.takes_minimum[c] != 0) step_[c] = -1;
  }
}

void CountPool::add(const std::uint64_t* bits) {
  const auto width = static_cast<std::int64_t>(step_.size());
  for (std::int64_t position = 0; position < source_.positions; ++position) {
    for (std::int64_t word = 0; word < source_.words; ++word) {
      std::int16_t* counts = counts_.data() + position * width + 64 * word;
      const std::int16_t* step = step_.data() + 64 * word;
      for (std::uint64_t left = bits[position * source_.words + word]; left != 0; left &= left - 1) {
        const int channel = std::countr_zero(left);
        counts[channel] = static_cast<std::int16_t>(counts[channel] + step[channel]);
      }
    }
  }
}

void CountPool::step(const std::uint64_t* bits, std::uint64_t* pooled) {
  add(bits);
  const auto width = static_cast<std::int64_t>(step_.size());
  std::vector<std::int16_t> best(step_.size());
  std::int64_t at = -1;  // the output position whose window is being looked at
  const auto finish = [&] {
    if (at < 0) return;
    std::int16_t* before = maxima_.data() + at * width;
    for (std::int64_t word = 0; word < target_.words; ++word) {
      std::uint64_t changed = 0;
      for (std::int64_t bit = 0; bit < 64; ++bit) {
        const std::int64_t c = 64 * word + bit;
        changed |= static_cast<std::uint64_t>(best[static_cast<std::size_t>(c)] != before[c]) << bit;
      }
      pooled[at * target_.words + word] = changed;
    }
    std::copy(best.begin(), best.end(), before);
  };
  std::fill_n(pooled, target_.positions * target_.words, 0);
  for_each_covered(window_, source_, target_, [&](std::int64_t out, std::int64_t in) {
    const std::int16_t* counts = counts_.data() + in * width;
    if (out != at) {
      finish();
      at = out;
      std::copy_n(counts, width, best.begin());
      return;
    }
    for (std::int64_t c = 0; c < width; ++c) {
      std::int16_t& most = best[static_cast<std::size_t>(c)];
      most = std::max(most, counts[c]);
    }
  });
  finish();
}

}  // namespace neurocuda::runtime::cpu
