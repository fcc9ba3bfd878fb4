#include "neurocuda/runtime/spike_record.hpp"

#include <bit>

namespace neurocuda::runtime {

LayerRecord::LayerRecord(program::NodeIndex node_, std::int64_t images_, std::int64_t timesteps_, std::int64_t neurons_,
                         bool with_membranes)
    : node(node_), images(images_), timesteps(timesteps_), neurons(neurons_), words((neurons_ + 63) / 64) {
  spikes.resize(static_cast<std::size_t>(element_count({images, timesteps, words})));
  if (with_membranes) membranes.resize(static_cast<std::size_t>(element_count({images, timesteps, neurons})));
}

std::int64_t LayerRecord::count() const {
  std::int64_t total = 0;
  for (const std::uint64_t word : spikes) total += std::popcount(word);
  return total;
}

}  // namespace neurocuda::runtime
