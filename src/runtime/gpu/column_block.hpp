#pragma once

#include "runtime/gpu/tensor_core_args.hpp"

namespace neurocuda::runtime::gpu {

/// The output channels of a block of threads: kColumns of them, from a multiple of kColumns on.
template <int kColumns>
class ColumnBlock {
 public:
  /// Output words that hold the columns; one word is shared by several blocks when there are fewer than 32.
  static constexpr int kWords = kColumns < 32 ? 1 : kColumns / 32;

  NEUROCUDA_HD ColumnBlock(const TensorCoreLayer& layer, std::uint32_t* shared, int index)
      : layer_(layer), shared_(shared), index_(index) {}

  NEUROCUDA_HD int index() const { return index_; }
  NEUROCUDA_HD int first_channel() const { return index_ * kColumns; }
  NEUROCUDA_HD int first_word() const { return first_channel() / 32; }
  /// Of the columns in their word: not 0 only when several blocks share a word.
  NEUROCUDA_HD int first_bit() const { return kColumns < 32 ? first_channel() % 32 : 0; }
  /// Whether the layer has word w of the block's.
  NEUROCUDA_HD bool has_word(int w) const { return first_word() + w < layer_.words; }

  /// To shared memory; to be read after a barrier.
  template <class Thread>
  NEUROCUDA_HD void load_constants(const Thread& thread) const {
    const int count = layer_.constant_rows() * kColumns;
    const std::int32_t* from = layer_.constants + index_ * count;
    auto* to = reinterpret_cast<std::int32_t*>(shared_ + layer_.at.constants);
    for (int i = thread.index(); i < count; i += thread.threads()) to[i] = from[i];
  }
  /// A row of ColumnConstant, or of a skip.
  NEUROCUDA_HD const std::int32_t* constants(int which) const {
    return reinterpret_cast<const std::int32_t*>(shared_ + layer_.at.constants) + which * kColumns;
  }
  /// The biases of a timestep that has its own.
  NEUROCUDA_HD const std::int32_t* biases_at(int timestep) const {
    return layer_.biases + (std::int64_t{index_} * layer_.bias_timesteps + timestep) * kColumns;
  }

  /// The columns' spikes, the first at bit 0, to their word.
  NEUROCUDA_HD void store(std::uint32_t* word, std::uint32_t spikes) const {
    if (kColumns >= 32 || (first_bit() == 0 && first_channel() + kColumns >= layer_.channels)) {
      *word = spikes;
    } else {  // 16 columns: half a word, the other half is another block's
      reinterpret_cast<std::uint16_t*>(word)[first_bit() / 16] = static_cast<std::uint16_t>(spikes);
    }
  }

 private:
  const TensorCoreLayer& layer_;
  std::uint32_t* shared_;
  int index_;
};

}  // namespace neurocuda::runtime::gpu
