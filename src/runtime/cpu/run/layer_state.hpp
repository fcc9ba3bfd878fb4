#pragma once

#include <cstdint>
#include <vector>

#include "runtime/cpu/aligned.hpp"
#include "runtime/cpu/run/spike_lists.hpp"

namespace neurocuda::runtime::cpu {

/// Of the layer that runs, for all of its tiles.
struct LayerState {
  struct GroupLists {
    std::vector<SpikeLists> spikes, taken_back;  ///< by convolution
  };
  Aligned<std::int32_t> membrane;  ///< [position][padded]
  Aligned<std::int32_t> sum;       ///< of the spikes of signed neurons
  std::vector<GroupLists> lists;   ///< by group
  bool dense = false;              ///< the dense group's spikes are not listed but multiplied
};

}  // namespace neurocuda::runtime::cpu
