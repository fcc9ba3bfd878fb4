#include "runtime/cpu/exact/count_activity.hpp"

#include <algorithm>
#include <array>

namespace neurocuda::runtime::cpu::exact {
namespace {

constexpr std::size_t kCounts = 256;

/// How many neurons have every count, each as often as its position weighs; add(t, n) for the n that spike at t.
template <class WeightAt, class Add>
void by_timestep(const PlannedNode& layer, const std::uint8_t* counts, int timesteps, const WeightAt& weight_at,
                 const Add& add) {
  std::array<std::int64_t, kCounts> having{};
  for (std::int64_t p = 0; p < layer.positions; ++p, counts += layer.padded) {
    std::array<std::int32_t, kCounts> here{};
    for (std::int64_t c = 0; c < layer.channels; ++c) ++here[counts[c]];
    for (std::size_t k = 1; k <= static_cast<std::size_t>(timesteps); ++k) having[k] += weight_at(p) * here[k];
  }
  std::int64_t more = 0;
  for (int t = timesteps - 1; t >= 0; --t) add(t, more += having[static_cast<std::size_t>(t) + 1]);
}

}  // namespace

void count_spikes(const PlannedNode& layer, const std::uint8_t* counts, const ImageTask& task,
                  program::NodeIndex node) {
  by_timestep(
      layer, counts, task.timesteps, [](std::int64_t) { return std::int64_t{1}; },
      [&](int t, std::int64_t spikes) { task.count_spikes(node, t, spikes); });
}

void count_operations(const PlannedNode& source, const std::uint8_t* counts, const std::vector<std::int64_t>& fan_out,
                      const ImageTask& task, program::NodeIndex node) {
  by_timestep(
      source, counts, task.timesteps, [&](std::int64_t p) { return fan_out[static_cast<std::size_t>(p)]; },
      [&](int t, std::int64_t operations) { task.count_operations(node, t, operations); });
}

void record_counts(const PlannedNode& layer, const std::uint8_t* counts, const ImageTask& task, LayerRecord& record) {
  for (std::int64_t p = 0; p < layer.positions; ++p, counts += layer.padded) {
    for (std::int64_t c = 0; c < layer.channels; ++c) {
      const std::int64_t neuron = c * layer.positions + p;
      for (int t = 0; t < counts[c]; ++t) record.row(task.image, t)[neuron / 64] |= std::uint64_t{1} << (neuron % 64);
    }
  }
}

void record_membranes(const PlannedNode& layer, const std::int32_t* integral, const std::uint8_t* counts,
                      const ImageTask& task, LayerRecord& record) {
  for (int t = 0; t < task.timesteps; ++t) {
    std::int32_t* row = record.membrane_row(task.image, t);
    for (std::int64_t c = 0; c < layer.channels; ++c) {
      for (std::int64_t p = 0; p < layer.positions; ++p) {
        const std::int64_t at = p * layer.padded + c;
        *row++ = integral[at] - std::min<std::int32_t>(counts[at], t + 1) * layer.theta[static_cast<std::size_t>(c)];
      }
    }
  }
}

}  // namespace neurocuda::runtime::cpu::exact
