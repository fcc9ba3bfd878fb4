#pragma once

#include <cstdint>

#include "neurocuda/base/host_device.hpp"

/// Who holds what in mma.sync.aligned.m16n8k32.row.col.s32.s8.s8.s32 (PTX ISA, "Matrix Fragments for mma.m16n8k32").
/// With lane = 4 quad + member:
///   A (16 x 32, int8): register r holds row quad + 8 (r % 2), columns 16 (r / 2) + 4 member .. + 3
///   B (32 x 8, int8):  register r holds column quad, rows 16 r + 4 member .. + 3
///   C (16 x 8, int32): register r holds row quad + 8 (r / 2), column 2 member + r % 2
///
/// The order of the 32 summands is ours to choose, and it is chosen so that spikes become int8 in two instructions per
/// register: byte b of A's register (half h of the columns) holds channel member + 4 h + 8 b of the word's 32.
namespace neurocuda::runtime::gpu {

inline constexpr int kLanes = 32;
inline constexpr int kTileRows = 16, kTileColumns = 8, kTileDepth = 32;
/// Rows of output positions that one warp computes: two tiles.
inline constexpr int kRowTiles = 2, kWarpRows = kRowTiles * kTileRows;

NEUROCUDA_HD int quad_of(int lane) { return lane / 4; }
NEUROCUDA_HD int member_of(int lane) { return lane % 4; }

/// The channel (of a word's 32) that stands in row `k` of B, and in column `k` of A.
NEUROCUDA_HD int channel_of_depth(int k) { return (k % 16) / 4 + 4 * (k / 16) + 8 * (k % 4); }

/// Four spikes of one position as four int8: bits member + 4 half + 8 b of the word in byte b.
NEUROCUDA_HD std::uint32_t expand_spikes(std::uint32_t word, int member, int half) {
  return word >> (member + 4 * half) & 0x01010101U;
}

/// Where in the packed weights of one k-step and one block of columns a lane's register stands, in words: pairs of
/// column tiles, so that a lane reads four registers with one 16-byte load.
NEUROCUDA_HD int packed_weight(int column_tile, int lane, int half) {
  return ((column_tile / 2) * kLanes + lane) * 4 + 2 * (column_tile % 2) + half;
}

/// Words of packed weights of one k-step: 32 int8 for each column.
NEUROCUDA_HD int weight_words(int columns) { return columns * kTileDepth / 4; }

}  // namespace neurocuda::runtime::gpu
