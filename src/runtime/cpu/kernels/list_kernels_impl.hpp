// Lists of spikes. Included by kernels_impl.hpp, whose rules apply.
#pragma once

#if defined(__SSE2__)
#include <immintrin.h>
#endif

namespace neurocuda::runtime::cpu {
namespace {

#if defined(__AVX512VBMI2__)

/// Appends the bits of a word, whose first bit stands for channel `base`. Writes 64 entries, returns how many count.
inline std::uint32_t list_word(std::uint64_t word, std::uint16_t base, std::uint16_t* channels) {
  alignas(64) static constexpr std::uint16_t kFirst[32] = {0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10,
                                                           11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21,
                                                           22, 23, 24, 25, 26, 27, 28, 29, 30, 31};
  const __m512i low = _mm512_add_epi16(_mm512_load_si512(kFirst), _mm512_set1_epi16(static_cast<short>(base)));
  const __m512i high = _mm512_add_epi16(low, _mm512_set1_epi16(32));
  const auto first = static_cast<__mmask32>(word), second = static_cast<__mmask32>(word >> 32);
  const auto listed = static_cast<std::uint32_t>(__builtin_popcount(first));
  _mm512_storeu_si512(channels, _mm512_maskz_compress_epi16(first, low));
  _mm512_storeu_si512(channels + listed, _mm512_maskz_compress_epi16(second, high));
  return listed + static_cast<std::uint32_t>(__builtin_popcount(second));
}

#else

/// For every byte: the positions of its bits that are set, lowest first. Makes listing free of branches on the data.
struct BitPositions {
  std::uint8_t of[256][8] = {};
  constexpr BitPositions() {
    for (int byte = 0; byte < 256; ++byte) {
      for (int bit = 0, n = 0; bit < 8; ++bit) {
        if ((byte >> bit & 1) != 0) of[byte][n++] = static_cast<std::uint8_t>(bit);
      }
    }
  }
};
constexpr BitPositions kBitPositions;

inline std::uint32_t list_word(std::uint64_t word, std::uint16_t base, std::uint16_t* channels) {
  std::uint32_t listed = 0;
  for (; word != 0; word >>= 8, base = static_cast<std::uint16_t>(base + 8)) {
    const std::uint8_t* positions = kBitPositions.of[word & 255U];
    for (int i = 0; i < 8; ++i) channels[listed + i] = static_cast<std::uint16_t>(base + positions[i]);
    listed += static_cast<std::uint32_t>(__builtin_popcount(static_cast<std::uint32_t>(word & 255U)));
  }
  return listed;
}

#endif

/// Word `index` of the spikes at one position, without the channels outside [first, end).
inline std::uint64_t spike_word(const std::uint64_t* words, std::int64_t index, std::int64_t first, std::int64_t end) {
  std::uint64_t word = words[index];
  if (64 * index < first) word &= ~std::uint64_t{0} << (first - 64 * index);
  if (64 * index + 64 > end) word &= ~std::uint64_t{0} >> (64 * index + 64 - end);
  return word;
}

/// Appends the spikes of one position, channel `first` of the source as `base`.
inline std::uint32_t list_position(const SpikeSource& source, std::int64_t position, std::int64_t base,
                                   std::uint16_t* to) {
  const std::int64_t end = source.first + source.count;
  const std::uint64_t* words = source.bits + position * source.words;
  std::uint32_t listed = 0;
  for (std::int64_t i = source.first / 64; 64 * i < end; ++i) {
    const auto first = static_cast<std::uint16_t>(base + 64 * i - source.first);
    listed += list_word(spike_word(words, i, source.first, end), first, to + listed);
  }
  return listed;
}

void list_spikes(const SpikeSource& source, std::uint16_t* channels, std::uint32_t* offsets) {
  const std::int64_t positions = source.height * source.width;
  std::uint32_t listed = 0;
  for (std::int64_t p = 0; p < positions; ++p) {
    offsets[p] = listed;
    listed += list_position(source, p, 0, channels + listed);
  }
  offsets[positions] = listed;
}

std::int64_t list_columns(const SpikeSource& source, std::uint16_t* rows, std::uint32_t* offsets) {
  std::uint32_t listed = 0, most = 0;
  for (std::int64_t x = 0; x < source.width; ++x) {
    for (std::int64_t y = 0; y < source.height; ++y) {
      *offsets++ = listed;
      const std::uint32_t here = list_position(source, y * source.width + x, y * source.count, rows + listed);
      listed += here;
      most = here > most ? here : most;
    }
  }
  *offsets = listed;
  return most;
}

std::int64_t count_spikes(const std::uint64_t* bits, std::int64_t words) {
  std::int64_t count = 0;
  for (std::int64_t i = 0; i < words; ++i) count += __builtin_popcountll(bits[i]);
  return count;
}

}  // namespace
}  // namespace neurocuda::runtime::cpu
