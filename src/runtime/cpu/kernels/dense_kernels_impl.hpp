// The dense kernels of one instruction set. Included by one source file per set behind kernels_impl.hpp, whose rules
// apply.
#pragma once

#include "runtime/cpu/kernels/dense_counts.hpp"
#include "runtime/cpu/kernels/dense_kernels.hpp"
#include "runtime/cpu/kernels/dense_sums.hpp"

namespace neurocuda::runtime::cpu {
namespace {

/// Windows of kTilePositions outputs; behind the last one the last again, whose sums nobody takes.
struct WindowTile {
  const std::uint8_t* at[kTilePositions];
  std::int64_t first = 0, count = 0;
};

inline WindowTile window_tile(const DenseSynapses& s, std::int64_t first) {
  WindowTile tile;
  tile.first = first;
  tile.count = s.positions - first < kTilePositions ? s.positions - first : kTilePositions;
  for (std::int64_t i = 0; i < kTilePositions; ++i) {
    const std::int64_t position = first + (i < tile.count ? i : tile.count - 1);
    tile.at[i] = s.plane + position / s.out_width * s.row_step + position % s.out_width * s.column_step;
  }
  return tile;
}

/// kBlocks blocks of outputs at the positions of a tile, over all taps and inputs.
template <int kBlocks>
inline void add_tile(const DenseSynapses& s, const WindowTile& tile, std::int64_t block) {
  const std::int64_t block_bytes = s.tap_count * s.inputs * kChannelBlock;
  Sums sums[kTilePositions][kBlocks];
  NEUROCUDA_UNROLLED for (int p = 0; p < kTilePositions; ++p) {
    for (int b = 0; b < kBlocks; ++b) sums[p][b] = no_sums();
  }
  const std::int8_t* weights = s.weights + block * block_bytes;
  for (std::int64_t tap = 0; tap < s.tap_count; ++tap) {
    const std::int64_t offset = s.taps[tap];
    for (std::int64_t i = 0; i < s.inputs; i += kInputBlock, weights += kInputBlock * kChannelBlock) {
      Weights loaded[kBlocks];
      for (int b = 0; b < kBlocks; ++b) loaded[b] = load_weights(weights + b * block_bytes);
      NEUROCUDA_UNROLLED for (int p = 0; p < kTilePositions; ++p) {
        const Quad counts = broadcast(tile.at[p] + offset + i);
        for (int b = 0; b < kBlocks; ++b) multiply(sums[p][b], counts, loaded[b]);
      }
    }
  }
  NEUROCUDA_UNROLLED for (int p = 0; p < kTilePositions; ++p) {
    if (p >= tile.count) break;
    std::int32_t* target = s.target + (tile.first + p) * s.target_stride + block * kChannelBlock;
    for (int b = 0; b < kBlocks; ++b) add_to(target + b * kChannelBlock, sums[p][b]);
  }
}

/// Outputs outside: their weights stay in the cache while the positions pass.
void add_counts(const DenseSynapses& s) {
  const std::int64_t blocks = s.padded / kChannelBlock;
  std::int64_t block = 0;
  for (; block + kTileBlocks <= blocks; block += kTileBlocks) {
    for (std::int64_t first = 0; first < s.positions; first += kTilePositions)
      add_tile<kTileBlocks>(s, window_tile(s, first), block);
  }
  for (; block < blocks; ++block) {
    for (std::int64_t first = 0; first < s.positions; first += kTilePositions)
      add_tile<1>(s, window_tile(s, first), block);
  }
}

/// k = clip(floor(v / theta), 0, T).
void fire_counts(const CountNeurons& n) {
  for (std::int64_t p = 0; p < n.positions; ++p) {
    for (std::int64_t c = 0; c < n.padded; c += kChannelBlock) {
      const std::int64_t at = p * n.padded + c;
      fire_counts(n.integral + at, n.theta + c, n.rate + c, n.timesteps, n.counts + at);
    }
  }
}

void add_scaled(const std::uint8_t* __restrict amounts, const std::int32_t* __restrict weight,
                std::int32_t* __restrict target, std::int64_t positions, std::int64_t padded) {
  for (std::int64_t p = 0; p < positions; ++p, amounts += padded, target += padded) {
    for (std::int64_t c = 0; c < padded; ++c) target[c] += amounts[c] * weight[c];
  }
}

inline void spread_word(std::uint64_t word, std::uint8_t* bytes) {
#if defined(__AVX512BW__)
  _mm512_storeu_si512(bytes, _mm512_maskz_set1_epi8(word, 1));
#else
  // A copy of the byte in every byte, of which one bit is kept: as a sum beyond 127 it moves to the highest bit.
  constexpr std::uint64_t kCopies = 0x0101010101010101U, kBit = 0x8040201008040201U, kMost = 0x7f7f7f7f7f7f7f7fU;
  for (int i = 0; i < 8; ++i, word >>= 8, bytes += 8) {
    const std::uint64_t kept = (word & 255U) * kCopies & kBit;
    const std::uint64_t spread = (((kept & kMost) + kMost) | kept) >> 7 & kCopies;
    __builtin_memcpy(bytes, &spread, sizeof spread);
  }
#endif
}

void spread_bits(const std::uint64_t* bits, std::int64_t words, std::int64_t positions, std::int64_t inputs,
                 std::uint8_t* bytes) {
  for (std::int64_t p = 0; p < positions; ++p, bits += words, bytes += inputs) {
    for (std::int64_t i = 0; 64 * i < inputs; ++i) spread_word(bits[i], bytes + 64 * i);
  }
}

constexpr DenseKernels kDenseKernels{add_counts, kLargestByte, spread_bits, fire_counts, add_scaled};

}  // namespace
}  // namespace neurocuda::runtime::cpu
