#include "runtime/cpu/spike_lists.hpp"

#include <algorithm>

namespace neurocuda::runtime::cpu {

void SpikeLists::list(const Kernels& kernels, const SpikeSource& source, Order order, std::int64_t timesteps) {
  order_ = order;
  height_ = source.height;
  width_ = source.width;
  const std::int64_t positions = height_ * width_, words = positions * source.words;
  first_.resize(static_cast<std::size_t>(timesteps));
  offsets_.resize(static_cast<std::size_t>(timesteps * (positions + 1)));
  const auto most = static_cast<std::size_t>(kernels.count_spikes(source.bits, timesteps * words) + 2 * kSlack);
  if (entries_.size() < most) entries_.resize(std::max(most, 2 * entries_.size()));
  SpikeSource step = source;
  std::size_t listed = 0;
  for (std::int64_t t = 0; t < timesteps; ++t, step.bits += words) {
    std::uint32_t* offsets = offsets_.data() + t * (positions + 1);
    first_[static_cast<std::size_t>(t)] = listed;
    (order == Order::columns ? kernels.list_columns : kernels.list_spikes)(step, entries_.data() + listed, offsets);
    listed += offsets[positions];
  }
}

}  // namespace neurocuda::runtime::cpu
