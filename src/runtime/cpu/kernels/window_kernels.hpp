#pragma once

#include <cstdint>

#include "runtime/cpu/kernels/neurons.hpp"

/// Event-driven convolutions, output-stationary: a window slides along a row of outputs, and the sums of the outputs
/// that it still covers stay in registers. The spikes of an input column (all kernel rows) serve all outputs that this
/// column reaches, and nothing is written before an output has all of its inputs. Only plain data crosses this border,
/// see kernels.hpp.
namespace neurocuda::runtime::cpu {

/// Weights are bytes w + 128, of a block of channels: [kernel row x input channel][column][channel], the columns in
/// the order in which window_column() has them, the channels as lane_of_channel() says.
struct WindowBlock {
  const std::uint8_t* weights;
  std::int64_t channels;  ///< a power of two from 16 to WindowKernels::widest_block
};

/// The spikes of a source at one timestep, column by column: those of a column's rows first .. end - 1 stand together,
/// behind offsets[column x height + first], as row x inputs + channel.
struct ColumnList {
  const std::uint16_t* rows;
  const std::uint32_t* offsets;
  std::int64_t most;  ///< at one position
};

/// Blocks of output channels of one row of a convolution at one timestep.
struct WindowRow {
  ColumnList spikes;
  ColumnList taken_back;  ///< the spikes of -1; null where there are none
  std::int64_t in_height, in_width, inputs;
  std::int64_t first_row, kernel_height;  ///< the input rows under the window; those outside the source send nothing
  std::int64_t kernel_width, stride, padding, out_width;
  const WindowBlock* blocks;
  std::int64_t block_count;
  std::int64_t flush;    ///< so many rows may be added in int16, or, with spikes of -1, added and taken away
  std::int32_t* target;  ///< [output][target_stride], of the first block's first channel; not for add_and_fire
  std::int64_t target_stride;
};

/// What else moves the neurons of a row of outputs.
struct RowNeurons {
  Neurons neurons;  ///< of the row
  // An identity skip, or null:
  const std::uint64_t* skip = nullptr;  ///< spikes of its source, [output][skip_words]
  std::int64_t skip_words = 0;
  const std::int32_t* skip_weight = nullptr;  ///< (channels,)
};

struct WindowKernels {
  std::int64_t widest_block;  ///< in channels
  std::int64_t vector_bytes;  ///< of the blocks that are no narrower
  /// Adds to every output of the row the weight rows of the spikes under its window, those of -1 times -1.
  void (*add)(const WindowRow& row);
  /// Adds to the membranes of the neurons, integrates everything else and fires.
  void (*add_and_fire)(const WindowRow& row, const RowNeurons& neurons);
  /// The same of signed neurons.
  void (*add_and_fire_signed)(const WindowRow& row, const RowNeurons& neurons);
};

/// Kernel widths 1 and 3, the latter at stride 1 or 2; other windows go to add_spikes.
constexpr bool slides(std::int64_t kernel_width, std::int64_t stride) {
  return kernel_width == 1 || (kernel_width == 3 && (stride == 1 || stride == 2));
}

/// Which kernel column stands at `slot` of a weight row: from the output that is done next to the newest; at stride 2
/// those of even input columns first.
constexpr std::int64_t window_column(std::int64_t kernel_width, std::int64_t stride, std::int64_t slot) {
  if (kernel_width == 1) return 0;
  if (stride == 1) return 2 - slot;
  return slot == 0 ? 2 : slot == 1 ? 0 : 1;
}

/// The place of a channel among the bytes of its vector: the sums of even and odd bytes come out apart.
constexpr std::int64_t lane_of_channel(std::int64_t channel, std::int64_t vector_bytes) {
  const std::int64_t within = channel % vector_bytes, half = vector_bytes / 2;
  return channel - within + (within < half ? 2 * within : 2 * (within - half) + 1);
}

}  // namespace neurocuda::runtime::cpu
