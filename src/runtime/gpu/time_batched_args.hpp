#pragma once

#include "runtime/gpu/tensor_core_args.hpp"

namespace neurocuda::runtime::gpu {

/// A fused layer for the kernel with time as a batch dimension: its tiles are positions x timesteps. `tiling.rows` are
/// the positions of a tile; a row of the product is one of them at one timestep.
struct TimeBatchedLayer : TensorCoreLayer {
  int steps = 1;               ///< timesteps of a tile, at most kLanes
  int row_warps = 1;           ///< warps with rows of their own
  int parts = 1;               ///< warps that share the inputs of these rows; a power of two. tiling.warps in all
  int currents = 0, kept = 0;  ///< where in shared memory these parts begin, see time_batched_layout()

  NEUROCUDA_HD int product_rows() const { return row_warps * kWarpRows; }
  NEUROCUDA_HD int time_tiles() const { return ceil_div(timesteps, steps); }
};

/// Words from one row of currents to the next: the eight rows that the lanes of a warp write to at once hit different
/// banks of shared memory.
NEUROCUDA_HD int currents_pitch(int columns) { return columns + 8; }

/// Beside the parts of SharedLayout, with one patch buffer for every timestep of a tile:
///   kept:     int32 [position of the tile][column]: membranes, from one tile of timesteps to the next
///   currents: int32 [part][row][column], of one tile
NEUROCUDA_HD void time_batched_layout(TimeBatchedLayer& layer) {
  const int columns = layer.tiling.columns, positions = layer.tiling.rows;
  const BufferSize buffer = buffer_size(layer);
  std::int64_t next = 0;
  layer.at = {};
  next += round_up4(layer.constant_rows() * columns);
  layer.at.table = clamped(next);
  next += round_up4(clamped((std::int64_t{layer.reads()} * positions + 1) / 2));
  layer.kept = clamped(next);
  if (layer.time_tiles() > 1) next += std::int64_t{positions} * columns;
  layer.currents = clamped(next);
  next += std::int64_t{layer.tiling.warps} * kWarpRows * currents_pitch(columns);
  layer.at.patches = clamped(next);
  layer.at.zero_words = buffer.zero_words;
  // An odd multiple of 4: the words of eight timesteps of a position stand in different banks.
  layer.at.buffer_words = clamped(buffer.words % 8 == 0 ? buffer.words + 4 : buffer.words);
  layer.at.total = clamped(next + std::int64_t{layer.steps} * layer.at.buffer_words);
}

}  // namespace neurocuda::runtime::gpu
