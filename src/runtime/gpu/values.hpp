#pragma once

#include <cstdint>

#include "runtime/gpu/spike_layout.hpp"

namespace neurocuda::runtime::gpu {

/// How the values of a node are held on the device.
enum class Held : int {
  constant,  ///< int32 [image][position][channel], the same at every timestep
  spikes,    ///< bits, see spike_layout.hpp
  counts,    ///< int32 [image][timestep][position][channel]: sums of spikes
};

/// The values of a node as the kernels read them.
struct Values {
  Held held = Held::spikes;
  int channels = 0, height = 1, width = 1;
  int timesteps = 1;
  int stride = 0;       ///< of spikes, in words
  int negative_at = 0;  ///< words from a position's spikes to those that are -1; 0: none can be
  const void* data = nullptr;

  NEUROCUDA_HD int positions() const { return height * width; }

  NEUROCUDA_HD std::uint32_t word(std::int64_t image, int t, int position, int index) const {
    return static_cast<const std::uint32_t*>(
        data)[spike_offset(image, timesteps, t, positions(), position, stride) + index];
  }
  NEUROCUDA_HD std::int32_t at(std::int64_t image, int t, int position, int channel) const {
    if (held == Held::spikes) return spike(image, t, position, channel);
    const std::int64_t row = held == Held::constant ? image : image * timesteps + t;
    return static_cast<const std::int32_t*>(data)[(row * positions() + position) * channels + channel];
  }

 private:
  NEUROCUDA_HD std::int32_t spike(std::int64_t image, int t, int position, int channel) const {
    const auto bit = [&](int first) {
      return static_cast<std::int32_t>(word(image, t, position, first + channel / 32) >> (channel % 32) & 1U);
    };
    return negative_at == 0 ? bit(0) : bit(0) - 2 * bit(negative_at);
  }
};

}  // namespace neurocuda::runtime::gpu
