#pragma once

#include <cstdint>

#include "neurocuda/base/host_device.hpp"

/// Spikes in device memory: [image][timestep][position][stride] 32-bit words, channel c of a position is bit c % 32 of
/// its word c / 32. Bits beyond the last channel are zero; the words from `words` to `stride` hold nothing. Where
/// spikes can be -1, the second half of the stride says in the same order which of them are.
namespace neurocuda::runtime::gpu {

NEUROCUDA_HD int ceil_div(int a, int b) { return (a + b - 1) / b; }

/// Words that hold the channels of one position.
NEUROCUDA_HD int spike_words(int channels) { return ceil_div(channels, 32); }

/// Words from one position to the next. Eight neighbouring positions that each read one word hit eight different banks
/// of shared memory (32 banks of one word): 1, 2, 4 and odd multiples of 4 have that property.
NEUROCUDA_HD int spike_stride(int words) {
  if (words <= 2) return words;
  const int quads = ceil_div(words, 4);
  return 4 * (quads % 2 == 0 ? quads + 1 : quads);
}

/// Words before position `position` of `image` at timestep `t`.
NEUROCUDA_HD std::int64_t spike_offset(std::int64_t image, int timesteps, int t, int positions, int position,
                                       int stride) {
  return ((image * timesteps + t) * positions + position) * stride;
}

}  // namespace neurocuda::runtime::gpu
