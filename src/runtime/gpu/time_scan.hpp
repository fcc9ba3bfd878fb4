#pragma once

#include "runtime/gpu/column_block.hpp"
#include "runtime/gpu/source_patches.hpp"
#include "runtime/gpu/time_batched_args.hpp"

namespace neurocuda::runtime::gpu {

/// The sequential part of the time-batched kernel: membranes go through the timesteps of a tile. A warp takes 32
/// channels of one position, so the ballot of a timestep is an output word; lane s keeps that of the tile's timestep s,
/// and all leave at once. A position stays with its warp, so membranes are kept from tile to tile without a barrier.
template <int kColumns, class Thread>
class TimeScan {
 public:
  NEUROCUDA_HD TimeScan(Thread& thread, const TimeBatchedLayer& layer, const ColumnBlock<kColumns>& block, int tile)
      : thread_(thread), layer_(layer), block_(block), tile_(tile), lane_(thread.index() % kLanes) {}

  /// Timesteps first .. first + steps - 1, whose currents are in shared memory.
  NEUROCUDA_HD void run(int first, int steps) {
    const int count = layer_.tiling.rows * kWords, warps = thread_.threads() / kLanes;
    for (int i = thread_.index() / kLanes; i < count; i += warps) {
      const Row at = row_of(layer_.tiling, tile_, i / kWords, layer_.images, layer_.positions);
      if (at.valid && block_.has_word(i % kWords)) walk(neuron(at, i / kWords, i % kWords), first, steps);
    }
  }

 private:
  static constexpr int kWords = ColumnBlock<kColumns>::kWords;
  static constexpr int kMaxSkips = TensorCoreLayer::kMaxSkips;

  /// The lane's.
  struct Neuron {
    Row at;
    int row, word, column;  ///< of the tile's positions; of the block's words and columns
    bool exists;            ///< not a column beyond the last channel
    std::int32_t theta, bias, skip_weights[kMaxSkips];
  };

  /// Lanes beyond the block's columns follow the last one, and are not seen.
  NEUROCUDA_HD bool inside() const { return kColumns >= kLanes || lane_ < kColumns; }

  NEUROCUDA_HD Neuron neuron(const Row& at, int row, int word) const {
    Neuron made;
    made.at = at;
    made.row = row;
    made.word = word;
    made.column = kLanes * word + (inside() ? lane_ : kColumns - 1);
    made.exists = inside() && block_.first_channel() + made.column < layer_.channels;
    made.theta = block_.constants(kTheta)[made.column];
    made.bias = block_.constants(kBias)[made.column];
    NEUROCUDA_UNROLL
    for (int k = 0; k < kMaxSkips; ++k) {
      made.skip_weights[k] = k < layer_.skip_count ? block_.constants(kFirstSkip + k)[made.column] : 0;
    }
    return made;
  }

  NEUROCUDA_HD void walk(const Neuron& neuron, int first, int steps) {
    std::int32_t v = start(neuron, first);
    std::uint32_t spikes = 0, skips[kMaxSkips];
    load_skips(skips, neuron, first, steps);
    for (int s = 0; s < steps; ++s) {
      v += current(neuron, s) + bias(neuron, first + s) + skipped(skips, neuron, s);
      if (!layer_.accumulate_then_fire) spikes = fire(v, spikes, neuron, first + s, s);
    }
    const bool last = first + steps == layer_.timesteps;
    if (!layer_.accumulate_then_fire) {
      store(neuron, first, steps, spikes);
    } else if (last) {
      fire_all(v, neuron);
    }
    keep(neuron, v, last);
  }

  /// Accumulate, then fire: all inputs are in the membrane.
  NEUROCUDA_HD void fire_all(std::int32_t& v, const Neuron& neuron) {
    for (int first = 0; first < layer_.timesteps; first += kLanes) {
      const int left = layer_.timesteps - first, steps = left < kLanes ? left : kLanes;
      std::uint32_t spikes = 0;
      for (int s = 0; s < steps; ++s) spikes = fire(v, spikes, neuron, first + s, s);
      store(neuron, first, steps, spikes);
    }
  }

  /// The membrane before timestep `first`.
  NEUROCUDA_HD std::int32_t start(const Neuron& neuron, int first) const {
    if (first > 0) return *kept(neuron);
    if (layer_.first_timestep > 0 && neuron.exists) return *carried(neuron);
    return block_.constants(kInitial)[neuron.column];
  }
  /// ... and after the tile.
  NEUROCUDA_HD void keep(const Neuron& neuron, std::int32_t v, bool last) const {
    if (!last) {
      if (inside()) *kept(neuron) = v;
    } else if (layer_.carried != nullptr && neuron.exists) {
      *carried(neuron) = v;
    }
  }
  NEUROCUDA_HD std::int32_t* kept(const Neuron& neuron) const {
    return reinterpret_cast<std::int32_t*>(thread_.shared() + layer_.kept) + neuron.row * kColumns + neuron.column;
  }
  NEUROCUDA_HD std::int32_t* carried(const Neuron& neuron) const {
    const std::int64_t position = std::int64_t{neuron.at.image} * layer_.positions + neuron.at.position;
    return layer_.carried + position * layer_.channels + block_.first_channel() + neuron.column;
  }

  /// What the convolutions bring at timestep s of the tile: the sum of the warps' parts.
  NEUROCUDA_HD std::int32_t current(const Neuron& neuron, int s) const {
    const int pitch = currents_pitch(kColumns), part_words = layer_.product_rows() * pitch;
    const auto* from = reinterpret_cast<const std::int32_t*>(thread_.shared() + layer_.currents) +
                       (neuron.row * layer_.steps + s) * pitch + neuron.column;
    std::int32_t sum = 0;
    for (int part = 0; part < layer_.parts; ++part, from += part_words) sum += *from;
    return sum;
  }

  NEUROCUDA_HD std::int32_t bias(const Neuron& neuron, int t) const {
    const int timestep = layer_.first_timestep + t;
    return timestep < layer_.bias_timesteps ? block_.biases_at(timestep)[neuron.column] : neuron.bias;
  }

  /// Lane s takes the words of the skips at timestep s of the tile, the block's first column at bit 0.
  NEUROCUDA_HD void load_skips(std::uint32_t (&skips)[kMaxSkips], const Neuron& neuron, int first, int steps) const {
    NEUROCUDA_UNROLL
    for (int k = 0; k < kMaxSkips; ++k) {
      skips[k] = 0;
      if (k >= layer_.skip_count || lane_ >= steps) continue;
      const TensorCoreSkip& skip = layer_.skips[k];
      skips[k] = skip.spikes[word_at(neuron, first + lane_, skip.stride)] >> block_.first_bit();
    }
  }
  /// All lanes of a warp come here together.
  NEUROCUDA_HD std::int32_t skipped(const std::uint32_t (&skips)[kMaxSkips], const Neuron& neuron, int s) {
    std::int32_t sum = 0;
    NEUROCUDA_UNROLL
    for (int k = 0; k < kMaxSkips; ++k) {
      if (k >= layer_.skip_count) continue;
      const std::uint32_t spikes = thread_.broadcast(skips[k], s);
      if (spikes >> lane_ & 1U) sum += neuron.skip_weights[k];
    }
    return sum;
  }

  /// Threshold and soft reset at timestep t, whose word lane s keeps. All lanes of a warp
  /// come here together.
  NEUROCUDA_HD std::uint32_t fire(std::int32_t& v, std::uint32_t spikes, const Neuron& neuron, int t, int s) {
    const bool spike = v >= neuron.theta;
    if (spike) v -= neuron.theta;
    if (layer_.membranes != nullptr && neuron.exists) {
      const std::int64_t row = (std::int64_t{neuron.at.image} * layer_.timesteps + t) * layer_.channels;
      layer_.membranes[(row + block_.first_channel() + neuron.column) * layer_.positions + neuron.at.position] = v;
    }
    const std::uint32_t word = thread_.ballot(spike && inside());
    return lane_ == s ? word : spikes;
  }

  /// Words before the neuron's at timestep t.
  NEUROCUDA_HD std::int64_t word_at(const Neuron& neuron, int t, int stride) const {
    return spike_offset(neuron.at.image, layer_.timesteps, t, layer_.positions, neuron.at.position, stride) +
           block_.first_word() + neuron.word;
  }
  NEUROCUDA_HD void store(const Neuron& neuron, int first, int steps, std::uint32_t spikes) const {
    if (lane_ < steps) block_.store(layer_.out + word_at(neuron, first + lane_, layer_.stride), spikes);
  }

  Thread& thread_;
  const TimeBatchedLayer& layer_;
  const ColumnBlock<kColumns>& block_;
  int tile_, lane_;
};

}  // namespace neurocuda::runtime::gpu
