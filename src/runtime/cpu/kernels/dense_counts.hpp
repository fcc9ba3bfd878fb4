// Counts of kChannelBlock neurons at a time, in the registers of one instruction set. Included by
// dense_kernels_impl.hpp; the same rules as for kernels_impl.hpp.
//
// The quotient in float32 is wrong by less than 1 up to kLargestCount, and what is left of v says in which direction.
#pragma once

#if defined(__SSE2__)
#include <immintrin.h>
#endif

namespace neurocuda::runtime::cpu {
namespace {

#if defined(__AVX512BW__)

inline void fire_counts(const std::int32_t* integral, const std::int32_t* threshold, const float* rate,
                        std::int32_t most, std::uint8_t* counts) {
  const __m512i v = _mm512_loadu_si512(integral), theta = _mm512_loadu_si512(threshold);
  const __m512i zero = _mm512_setzero_si512(), limit = _mm512_set1_epi32(most), one = _mm512_set1_epi32(1);
  const __m512 quotient = _mm512_mul_ps(_mm512_cvtepi32_ps(v), _mm512_loadu_ps(rate));
  const __m512 within = _mm512_max_ps(_mm512_min_ps(quotient, _mm512_cvtepi32_ps(limit)), _mm512_setzero_ps());
  const __m512i k = _mm512_cvttps_epi32(within);
  const __m512i left = _mm512_sub_epi32(v, _mm512_mullo_epi32(k, theta));
  const __mmask16 more = _mm512_mask_cmplt_epi32_mask(_mm512_cmpge_epi32_mask(left, theta), k, limit);
  const __mmask16 less = _mm512_mask_cmpgt_epi32_mask(_mm512_cmplt_epi32_mask(left, zero), k, zero);
  const __m512i raised = _mm512_mask_add_epi32(k, more, k, one);
  const __m128i bytes = _mm512_cvtepi32_epi8(_mm512_mask_sub_epi32(raised, less, raised, one));
  _mm_storeu_si128(reinterpret_cast<__m128i*>(counts), bytes);
}

#elif defined(__AVX2__)

inline __m256i eight_counts(const std::int32_t* integral, const std::int32_t* threshold, const float* rate,
                            std::int32_t most) {
  const __m256i v = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(integral));
  const __m256i theta = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(threshold));
  const __m256i zero = _mm256_setzero_si256(), limit = _mm256_set1_epi32(most);
  const __m256 quotient = _mm256_mul_ps(_mm256_cvtepi32_ps(v), _mm256_loadu_ps(rate));
  const __m256 within = _mm256_max_ps(_mm256_min_ps(quotient, _mm256_cvtepi32_ps(limit)), _mm256_setzero_ps());
  const __m256i k = _mm256_cvttps_epi32(within);
  const __m256i left = _mm256_sub_epi32(v, _mm256_mullo_epi32(k, theta));
  // A mask is -1.
  const __m256i more = _mm256_andnot_si256(_mm256_cmpgt_epi32(theta, left), _mm256_cmpgt_epi32(limit, k));
  const __m256i less = _mm256_and_si256(_mm256_cmpgt_epi32(zero, left), _mm256_cmpgt_epi32(k, zero));
  return _mm256_add_epi32(_mm256_sub_epi32(k, more), less);
}

inline void fire_counts(const std::int32_t* integral, const std::int32_t* threshold, const float* rate,
                        std::int32_t most, std::uint8_t* counts) {
  const __m256i low = eight_counts(integral, threshold, rate, most);
  const __m256i high = eight_counts(integral + 8, threshold + 8, rate + 8, most);
  const __m256i words = _mm256_permute4x64_epi64(_mm256_packs_epi32(low, high), _MM_SHUFFLE(3, 1, 2, 0));
  const __m128i bytes = _mm_packus_epi16(_mm256_castsi256_si128(words), _mm256_extracti128_si256(words, 1));
  _mm_storeu_si128(reinterpret_cast<__m128i*>(counts), bytes);
}

#else

inline void fire_counts(const std::int32_t* integral, const std::int32_t* threshold, const float* rate,
                        std::int32_t most, std::uint8_t* counts) {
  for (std::int64_t c = 0; c < kChannelBlock; ++c) {
    const float quotient = static_cast<float>(integral[c]) * rate[c];
    const std::int32_t k = !(quotient > 0)                       ? 0
                           : quotient < static_cast<float>(most) ? static_cast<std::int32_t>(quotient)
                                                                 : most;
    const std::int32_t left =
        static_cast<std::int32_t>(static_cast<std::uint32_t>(integral[c]) -
                                  static_cast<std::uint32_t>(k) * static_cast<std::uint32_t>(threshold[c]));
    const int more = left >= threshold[c] && k < most ? 1 : 0, less = left < 0 && k > 0 ? 1 : 0;
    counts[c] = static_cast<std::uint8_t>(k + more - less);
  }
}

#endif

}  // namespace
}  // namespace neurocuda::runtime::cpu
