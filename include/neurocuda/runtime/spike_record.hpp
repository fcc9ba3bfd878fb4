#pragma once

#include <cstdint>
#include <vector>

#include "neurocuda/base/tensor.hpp"
#include "neurocuda/program/program.hpp"

namespace neurocuda::runtime {

/// Everything one IF layer did: spikes bit-packed, membranes after reset when asked for.
struct LayerRecord {
  program::NodeIndex node = 0;
  std::int64_t images = 0, timesteps = 0, neurons = 0;
  std::int64_t words = 0;  ///< 64-bit words per (image, timestep): ceil(neurons / 64), unused bits zero
  std::vector<std::uint64_t>
      spikes;  ///< [image][timestep][word], neuron n is bit n % 64 of word n / 64, (C, H, W) order
  std::vector<std::int32_t> membranes;  ///< [image][timestep][neuron], v after reset; empty unless recorded

  LayerRecord() = default;
  LayerRecord(program::NodeIndex node, std::int64_t images, std::int64_t timesteps, std::int64_t neurons,
              bool with_membranes);

  bool spike(std::int64_t image, std::int64_t t, std::int64_t neuron) const {
    return (row(image, t)[neuron >> 6] >> (neuron & 63)) & 1U;
  }
  const std::uint64_t* row(std::int64_t image, std::int64_t t) const {
    return &spikes[static_cast<std::size_t>((image * timesteps + t) * words)];
  }
  std::uint64_t* row(std::int64_t image, std::int64_t t) {
    return &spikes[static_cast<std::size_t>((image * timesteps + t) * words)];
  }
  /// UserError when no membranes were recorded.
  const std::int32_t* membrane_row(std::int64_t image, std::int64_t t) const;
  std::int32_t* membrane_row(std::int64_t image, std::int64_t t);
  /// Spikes of this layer over all images and timesteps.
  std::int64_t count() const;
  bool operator==(const LayerRecord&) const = default;
};

/// One LayerRecord per IF layer, in program order.
struct SpikeRecord {
  std::vector<LayerRecord> layers;
  bool operator==(const SpikeRecord&) const = default;
};

}  // namespace neurocuda::runtime
