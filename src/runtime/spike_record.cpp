#include "neurocuda/runtime/spike_record.hpp"

#include <bit>
#include <utility>

#include "neurocuda/base/error.hpp"

namespace neurocuda::runtime {

LayerRecord::LayerRecord(program::NodeIndex node_, std::int64_t images_, std::int64_t timesteps_, std::int64_t neurons_,
                         bool with_membranes, bool with_signs)
    : node(node_),
      images(images_),
      timesteps(timesteps_),
      neurons(neurons_),
      words((neurons_ + 63) / 64),
      with_signs_(with_signs) {
  spikes.resize(static_cast<std::size_t>(element_count({images, timesteps, words})));
  if (with_signs) negative.resize(spikes.size());
  if (with_membranes) membranes.resize(static_cast<std::size_t>(element_count({images, timesteps, neurons})));
}

const std::int32_t* LayerRecord::membrane_row(std::int64_t image, std::int64_t t) const {
  if (membranes.empty()) fail("this run recorded no membranes: run with a record of membranes");
  return &membranes[static_cast<std::size_t>((image * timesteps + t) * neurons)];
}

std::int32_t* LayerRecord::membrane_row(std::int64_t image, std::int64_t t) {
  return const_cast<std::int32_t*>(std::as_const(*this).membrane_row(image, t));
}

std::int64_t LayerRecord::count() const {
  std::int64_t total = 0;
  for (const std::uint64_t word : spikes) total += std::popcount(word);
  return total;
}

}  // namespace neurocuda::runtime
