#pragma once

#include <cstdint>
#include <vector>

#include "neurocuda/base/tensor.hpp"
#include "neurocuda/program/program.hpp"

namespace neurocuda::runtime {

/// Everything one IF layer did: spikes bit-packed, membranes after reset when asked for. Signed neurons have a second
/// plane of bits, which says which of their spikes are -1.
struct LayerRecord {
  program::NodeIndex node = 0;
  std::int64_t images = 0, timesteps = 0, neurons = 0;
  std::int64_t words = 0;  ///< 64-bit words per (image, timestep): ceil(neurons / 64), unused bits zero
  std::vector<std::uint64_t>
      spikes;  ///< [image][timestep][word], neuron n is bit n % 64 of word n / 64, (C, H, W) order
  std::vector<std::uint64_t> negative;  ///< the same for the spikes of -1 alone; empty for plain neurons
  std::vector<std::int32_t> membranes;  ///< [image][timestep][neuron], v after reset; empty unless recorded

  LayerRecord() = default;
  LayerRecord(program::NodeIndex node, std::int64_t images, std::int64_t timesteps, std::int64_t neurons,
              bool with_membranes, bool with_signs = false);

  bool is_signed() const { return with_signs_; }
  /// 0 or 1; of signed neurons -1, 0 or 1.
  int spike(std::int64_t image, std::int64_t t, std::int64_t neuron) const {
    const auto bit = [&](const std::uint64_t* plane) {
      return static_cast<int>(plane[neuron >> 6] >> (neuron & 63) & 1U);
    };
    return bit(row(image, t)) - (with_signs_ ? 2 * bit(negative_row(image, t)) : 0);
  }
  const std::uint64_t* row(std::int64_t image, std::int64_t t) const { return &spikes[first_word(image, t)]; }
  std::uint64_t* row(std::int64_t image, std::int64_t t) { return &spikes[first_word(image, t)]; }
  /// Of signed neurons.
  const std::uint64_t* negative_row(std::int64_t image, std::int64_t t) const {
    return &negative[first_word(image, t)];
  }
  std::uint64_t* negative_row(std::int64_t image, std::int64_t t) { return &negative[first_word(image, t)]; }
  /// UserError when no membranes were recorded.
  const std::int32_t* membrane_row(std::int64_t image, std::int64_t t) const;
  std::int32_t* membrane_row(std::int64_t image, std::int64_t t);
  /// Spikes of this layer over all images and timesteps, those of -1 too.
  std::int64_t count() const;
  bool operator==(const LayerRecord&) const = default;

 private:
  std::size_t first_word(std::int64_t image, std::int64_t t) const {
    return static_cast<std::size_t>((image * timesteps + t) * words);
  }

  bool with_signs_ = false;
};

/// One LayerRecord per IF layer, in program order.
struct SpikeRecord {
  std::vector<LayerRecord> layers;
  bool operator==(const SpikeRecord&) const = default;
};

}  // namespace neurocuda::runtime
