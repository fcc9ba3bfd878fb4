// Sums of products of 16 outputs with 4 inputs at a time, in the registers of one instruction set. Included by
// dense_kernels_impl.hpp; the same rules as for kernels_impl.hpp.
#pragma once

#if defined(__SSE2__)
#include <immintrin.h>
#endif

namespace neurocuda::runtime::cpu {
namespace {

// Only VNNI sums four products of bytes in 32 bits.
#if defined(__AVX512VNNI__)
constexpr std::int64_t kLargestByte = 255;
#else
constexpr std::int64_t kLargestByte = kLargestCount;
#endif

#if defined(__AVX512BW__)

constexpr int kTilePositions = 8, kTileBlocks = 2;
using Sums = __m512i;
using Weights = __m512i;
using Quad = __m512i;

inline Sums no_sums() { return _mm512_setzero_si512(); }
inline Weights load_weights(const std::int8_t* from) { return _mm512_loadu_si512(from); }
inline Quad broadcast(const std::uint8_t* counts) {
  std::int32_t four;
  __builtin_memcpy(&four, counts, sizeof four);
  return _mm512_set1_epi32(four);
}
inline void multiply(Sums& sums, Quad counts, Weights weights) {
#if defined(__AVX512VNNI__)
  sums = _mm512_dpbusd_epi32(sums, counts, weights);
#else
  const __m512i pairs = _mm512_maddubs_epi16(counts, weights);
  sums = _mm512_add_epi32(sums, _mm512_madd_epi16(pairs, _mm512_set1_epi16(1)));
#endif
}
inline void add_to(std::int32_t* target, Sums sums) {
  _mm512_storeu_si512(target, _mm512_add_epi32(_mm512_loadu_si512(target), sums));
}

#elif defined(__AVX2__)

constexpr int kTilePositions = 4, kTileBlocks = 1;
struct Sums {
  __m256i low, high;
};
using Weights = Sums;
using Quad = __m256i;

inline __m256i load(const void* from) { return _mm256_loadu_si256(static_cast<const __m256i*>(from)); }
inline Sums no_sums() { return {_mm256_setzero_si256(), _mm256_setzero_si256()}; }
inline Weights load_weights(const std::int8_t* from) { return {load(from), load(from + 32)}; }
inline Quad broadcast(const std::uint8_t* counts) {
  std::int32_t four;
  __builtin_memcpy(&four, counts, sizeof four);
  return _mm256_set1_epi32(four);
}
inline __m256i products(Quad counts, __m256i weights) {
  return _mm256_madd_epi16(_mm256_maddubs_epi16(counts, weights), _mm256_set1_epi16(1));
}
inline void multiply(Sums& sums, Quad counts, const Weights& weights) {
  sums.low = _mm256_add_epi32(sums.low, products(counts, weights.low));
  sums.high = _mm256_add_epi32(sums.high, products(counts, weights.high));
}
inline void add_to(std::int32_t* target, const Sums& sums) {
  auto* at = reinterpret_cast<__m256i*>(target);
  _mm256_storeu_si256(at, _mm256_add_epi32(load(target), sums.low));
  _mm256_storeu_si256(at + 1, _mm256_add_epi32(load(target + 8), sums.high));
}

#elif defined(__SSE2__)

constexpr int kTilePositions = 1, kTileBlocks = 1;
/// Two sums of every output: of the first two inputs and of the last two.
struct Sums {
  __m128i of[8];
};
struct Weights {
  const std::int8_t* at;
};
using Quad = __m128i;

inline Sums no_sums() {
  Sums sums;
  for (__m128i& sum : sums.of) sum = _mm_setzero_si128();
  return sums;
}
inline Weights load_weights(const std::int8_t* from) { return {from}; }
inline Quad broadcast(const std::uint8_t* counts) {
  std::int32_t four;
  __builtin_memcpy(&four, counts, sizeof four);
  const __m128i wide = _mm_unpacklo_epi8(_mm_cvtsi32_si128(four), _mm_setzero_si128());
  return _mm_unpacklo_epi64(wide, wide);
}
inline void multiply(Sums& sums, Quad counts, Weights weights) {
  for (int i = 0; i < 4; ++i) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(weights.at + 16 * i));
    const __m128i low = _mm_srai_epi16(_mm_unpacklo_epi8(bytes, bytes), 8);
    const __m128i high = _mm_srai_epi16(_mm_unpackhi_epi8(bytes, bytes), 8);
    sums.of[2 * i] = _mm_add_epi32(sums.of[2 * i], _mm_madd_epi16(low, counts));
    sums.of[2 * i + 1] = _mm_add_epi32(sums.of[2 * i + 1], _mm_madd_epi16(high, counts));
  }
}
inline void add_to(std::int32_t* target, const Sums& sums) {
  for (int i = 0; i < 4; ++i) {
    const __m128 low = _mm_castsi128_ps(sums.of[2 * i]), high = _mm_castsi128_ps(sums.of[2 * i + 1]);
    const __m128i first = _mm_castps_si128(_mm_shuffle_ps(low, high, _MM_SHUFFLE(2, 0, 2, 0)));
    const __m128i last = _mm_castps_si128(_mm_shuffle_ps(low, high, _MM_SHUFFLE(3, 1, 3, 1)));
    auto* at = reinterpret_cast<__m128i*>(target + 4 * i);
    _mm_storeu_si128(at, _mm_add_epi32(_mm_loadu_si128(at), _mm_add_epi32(first, last)));
  }
}

#else

constexpr int kTilePositions = 1, kTileBlocks = 1;
struct Sums {
  std::int32_t of[kChannelBlock];
};
struct Weights {
  const std::int8_t* at;
};
struct Quad {
  std::int32_t of[kInputBlock];
};

inline Sums no_sums() { return {}; }
inline Weights load_weights(const std::int8_t* from) { return {from}; }
inline Quad broadcast(const std::uint8_t* counts) { return {{counts[0], counts[1], counts[2], counts[3]}}; }
inline void multiply(Sums& sums, const Quad& counts, Weights weights) {
  for (int c = 0; c < kChannelBlock; ++c) {
    const std::int8_t* w = weights.at + kInputBlock * c;
    sums.of[c] += w[0] * counts.of[0] + w[1] * counts.of[1] + w[2] * counts.of[2] + w[3] * counts.of[3];
  }
}
inline void add_to(std::int32_t* target, const Sums& sums) {
  for (int c = 0; c < kChannelBlock; ++c) target[c] += sums.of[c];
}

#endif

}  // namespace
}  // namespace neurocuda::runtime::cpu
