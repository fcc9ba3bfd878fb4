#include "runtime/cpu/run/spike_lists.hpp"

#include <algorithm>

namespace neurocuda::runtime::cpu {

void SpikeLists::prepare(const Kernels& kernels, const SpikeSource& source, Order order, std::int64_t timesteps) {
  source_ = source;
  order_ = order;
  first_.resize(static_cast<std::size_t>(timesteps));
  most_.resize(first_.size());
  offsets_.resize(static_cast<std::size_t>(timesteps * (positions() + 1)));
  const std::int64_t words = positions() * source.words;
  spikes_ = 0;
  std::size_t room = 0;
  for (std::int64_t t = 0; t < timesteps; ++t) {
    const std::int64_t spikes = kernels.count_spikes(source.bits + t * words, words);
    spikes_ += spikes;
    first_[static_cast<std::size_t>(t)] = room;
    room += static_cast<std::size_t>(spikes + 2 * kSlack);
  }
  if (entries_.size() < room) entries_.resize(std::max(room, 2 * entries_.size()));
}

void SpikeLists::list(const Kernels& kernels, std::int64_t t) {
  SpikeSource step = source_;
  step.bits += t * positions() * source_.words;
  std::uint16_t* entries = entries_.data() + first_[static_cast<std::size_t>(t)];
  std::uint32_t* offsets = offsets_.data() + t * (positions() + 1);
  if (order_ == Order::columns) {
    most_[static_cast<std::size_t>(t)] = kernels.list_columns(step, entries, offsets);
  } else {
    kernels.list_spikes(step, entries, offsets);
  }
}

}  // namespace neurocuda::runtime::cpu
