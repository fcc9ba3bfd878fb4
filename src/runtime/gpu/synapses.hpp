#pragma once

#include <cstdint>

#include "runtime/gpu/values.hpp"
#include "runtime/gpu/window.hpp"

namespace neurocuda::runtime::gpu {

/// A synapse group as the simple kernels read it. A linear map is the convolution whose window is the whole source.
struct Synapses {
  Values source;
  bool diagonal = false;
  DeviceWindow window;
  int inputs = 0, outputs = 0;  ///< channels of one group of the convolution
  int target_width = 1;
  const std::int8_t* weight = nullptr;  ///< (O, inputs, KH, KW), or (O,) when diagonal
  const std::uint8_t* shift = nullptr;  ///< (O,)
};

NEUROCUDA_HD std::int32_t convolved(const Synapses& group, std::int64_t image, int t, int position, int channel) {
  const int y = position / group.target_width, x = position % group.target_width, taps = group.window.taps();
  const int first = channel / group.outputs * group.inputs;
  const std::int8_t* weight = group.weight + static_cast<std::int64_t>(channel) * group.inputs * taps;
  std::int32_t sum = 0;
  for (int tap = 0; tap < taps; ++tap) {
    const int at = group.window.source_position(y, x, tap, group.source.height, group.source.width);
    if (at < 0) continue;
    for (int i = 0; i < group.inputs; ++i) {
      sum += weight[static_cast<std::int64_t>(i) * taps + tap] * group.source.at(image, t, at, first + i);
    }
  }
  return sum;
}

/// What arrives at one neuron through one group at timestep t, shifted.
NEUROCUDA_HD std::int32_t arriving(const Synapses& group, std::int64_t image, int t, int position, int channel) {
  const std::int32_t sum = group.diagonal ? group.weight[channel] * group.source.at(image, t, position, channel)
                                          : convolved(group, image, t, position, channel);
  // A negative sum is shifted as unsigned: the same bits, and defined everywhere.
  return static_cast<std::int32_t>(static_cast<std::uint32_t>(sum) << group.shift[channel]);
}

/// The sum over `count` groups.
NEUROCUDA_HD std::int32_t arriving(const Synapses* groups, int count, std::int64_t image, int t, int position,
                                   int channel) {
  std::int32_t sum = 0;
  for (int g = 0; g < count; ++g) sum += arriving(groups[g], image, t, position, channel);
  return sum;
}

}  // namespace neurocuda::runtime::gpu
