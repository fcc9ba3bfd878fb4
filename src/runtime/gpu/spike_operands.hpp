#pragma once

#include "runtime/gpu/fragments.hpp"

/// The operands of a step of 32 inputs, as a lane holds them.
namespace neurocuda::runtime::gpu {

/// What one 16-byte access moves.
struct alignas(16) Words4 {
  std::uint32_t word[4];
};

/// Rows of A that a lane holds parts of: quad_of(lane) + 8 i of its warp's.
inline constexpr int kLaneRows = 2 * kRowTiles;

/// Adds spikes to A; `word_of(i)` is the word of the lane's row i. The bytes of up to kMostSummands words add up
/// without carries.
template <class WordOf>
NEUROCUDA_HD void add_spikes(std::uint32_t (&a)[kRowTiles][4], int member, const WordOf& word_of) {
  NEUROCUDA_UNROLL
  for (int i = 0; i < kLaneRows; ++i) {
    const std::uint32_t spikes = word_of(i);
    a[i / 2][i % 2] += expand_spikes(spikes, member, 0);
    a[i / 2][i % 2 + 2] += expand_spikes(spikes, member, 1);
  }
}

/// A lane's registers of B from the 16-byte words of packed weights; `words4_of(n)` are those of column tiles 2 n and
/// 2 n + 1.
template <int kColumnTiles, class Words4Of>
NEUROCUDA_HD void unpack_weights(std::uint32_t (&b)[kColumnTiles][2], const Words4Of& words4_of) {
  NEUROCUDA_UNROLL
  for (int n = 0; n < kColumnTiles; n += 2) {
    const Words4 four = words4_of(n / 2);
    b[n][0] = four.word[0];
    b[n][1] = four.word[1];
    b[n + 1][0] = four.word[2];
    b[n + 1][1] = four.word[3];
  }
}

}  // namespace neurocuda::runtime::gpu
