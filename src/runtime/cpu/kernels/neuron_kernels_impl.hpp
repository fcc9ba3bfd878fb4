// Neurons that integrate and fire. Included by kernels_impl.hpp, whose rules apply.
#pragma once

#include "runtime/cpu/kernels/kernels.hpp"

#if defined(__SSE2__)
#include <immintrin.h>
#endif

namespace neurocuda::runtime::cpu {
namespace {

constexpr int kBlock = static_cast<int>(kChannelBlock);

void integrate(const Neurons& n) {
  for (std::int64_t p = 0; p < n.positions; ++p) {
    std::int32_t* __restrict v = n.membrane + p * n.stride;
    const std::int32_t* __restrict drive = n.drive + p * n.drive_stride;
    for (std::int64_t c = 0; c < n.channels; ++c) v[c] += drive[c];
  }
}

/// One block of channels integrates its drive and fires: one bit per channel.
#if defined(__AVX512F__)
inline std::uint64_t fire_block(std::int32_t* membrane, const std::int32_t* drive, const std::int32_t* threshold) {
  const __m512i theta = _mm512_loadu_si512(threshold);
  const __m512i v = _mm512_add_epi32(_mm512_loadu_si512(membrane), _mm512_loadu_si512(drive));
  const __mmask16 spikes = _mm512_cmpge_epi32_mask(v, theta);
  _mm512_storeu_si512(membrane, _mm512_mask_sub_epi32(v, spikes, v, theta));
  return spikes;
}
#elif defined(__AVX2__)
inline std::uint64_t fire_block(std::int32_t* membrane, const std::int32_t* drive, const std::int32_t* threshold) {
  std::uint64_t spikes = 0;
  for (int c = 0; c < kBlock; c += 8) {
    auto* at = reinterpret_cast<__m256i*>(membrane + c);
    const __m256i theta = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(threshold + c));
    const __m256i v =
        _mm256_add_epi32(_mm256_loadu_si256(at), _mm256_loadu_si256(reinterpret_cast<const __m256i*>(drive + c)));
    const __m256i below = _mm256_cmpgt_epi32(theta, v);
    _mm256_storeu_si256(at, _mm256_sub_epi32(v, _mm256_andnot_si256(below, theta)));
    spikes |= static_cast<std::uint64_t>(~_mm256_movemask_ps(_mm256_castsi256_ps(below)) & 0xff) << c;
  }
  return spikes;
}
#elif defined(__SSE2__)
inline std::uint64_t fire_block(std::int32_t* membrane, const std::int32_t* drive, const std::int32_t* threshold) {
  std::uint64_t spikes = 0;
  for (int c = 0; c < kBlock; c += 4) {
    auto* at = reinterpret_cast<__m128i*>(membrane + c);
    const __m128i theta = _mm_loadu_si128(reinterpret_cast<const __m128i*>(threshold + c));
    const __m128i v = _mm_add_epi32(_mm_loadu_si128(at), _mm_loadu_si128(reinterpret_cast<const __m128i*>(drive + c)));
    const __m128i below = _mm_cmpgt_epi32(theta, v);
    _mm_storeu_si128(at, _mm_sub_epi32(v, _mm_andnot_si128(below, theta)));
    spikes |= static_cast<std::uint64_t>(~_mm_movemask_ps(_mm_castsi128_ps(below)) & 0xf) << c;
  }
  return spikes;
}
#else
inline std::uint64_t fire_block(std::int32_t* membrane, const std::int32_t* drive, const std::int32_t* threshold) {
  std::uint64_t spikes = 0;
  for (int c = 0; c < kBlock; ++c) {
    membrane[c] += drive[c];
    if (membrane[c] < threshold[c]) continue;
    membrane[c] -= threshold[c];
    spikes |= std::uint64_t{1} << c;
  }
  return spikes;
}
#endif

/// One block of channels of one output, and all that moves it.
struct DrivenBlock {
  std::int32_t* membrane;
  const std::int32_t *drive, *threshold;
  const std::int16_t* sums;  ///< of weights
  std::uint32_t skipped;     ///< channels that an identity skip brings skip_weight
  const std::int32_t* skip_weight;
};

/// All of it but the drive.
inline void integrate_block(const DrivenBlock& block) {
  for (int c = 0; c < kBlock; ++c) block.membrane[c] += block.sums[c];
  if (block.skipped == 0) return;
  for (int c = 0; c < kBlock; ++c)
    block.membrane[c] += -static_cast<std::int32_t>(block.skipped >> c & 1U) & block.skip_weight[c];
}

inline std::uint64_t integrate_and_fire_block(const DrivenBlock& block) {
#if defined(__AVX512F__)
  const __m256i sums = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(block.sums));
  const __m512i theta = _mm512_loadu_si512(block.threshold);
  __m512i v = _mm512_add_epi32(_mm512_loadu_si512(block.membrane), _mm512_loadu_si512(block.drive));
  v = _mm512_add_epi32(v, _mm512_cvtepi16_epi32(sums));
  if (block.skip_weight != nullptr) {
    const auto skipped = static_cast<__mmask16>(block.skipped);
    v = _mm512_mask_add_epi32(v, skipped, v, _mm512_loadu_si512(block.skip_weight));
  }
  const __mmask16 spikes = _mm512_cmpge_epi32_mask(v, theta);
  _mm512_storeu_si512(block.membrane, _mm512_mask_sub_epi32(v, spikes, v, theta));
  return spikes;
#else
  integrate_block(block);
  return fire_block(block.membrane, block.drive, block.threshold);
#endif
}

void fire(const Neurons& n) {
  for (std::int64_t p = 0; p < n.positions; ++p) {
    std::int32_t* v = n.membrane + p * n.stride;
    const std::int32_t* drive = n.drive + p * n.drive_stride;
    std::uint64_t* bits = n.bits + p * n.words;
    for (std::int64_t c = 0; c < n.channels; c += 64) bits[c / 64] = 0;
    for (std::int64_t c = 0; c < n.channels; c += kBlock) {
      bits[c / 64] |= fire_block(v + c, drive + c, n.theta + c) << (c % 64);
    }
  }
}

struct SignedSpikes {
  std::uint64_t fired, taken_back;
};

/// The same of signed neurons, of which a spike is taken back where v < 0 and the sum of the spikes so far is positive.
#if defined(__AVX512F__)
inline SignedSpikes fire_signed_block(std::int32_t* membrane, const std::int32_t* drive, const std::int32_t* threshold,
                                      std::int32_t* spikes) {
  const __m512i theta = _mm512_loadu_si512(threshold), sum = _mm512_loadu_si512(spikes), one = _mm512_set1_epi32(1);
  const __m512i v = _mm512_add_epi32(_mm512_loadu_si512(membrane), _mm512_loadu_si512(drive));
  const __m512i zero = _mm512_setzero_si512();
  const __mmask16 fired = _mm512_cmpge_epi32_mask(v, theta);
  const __mmask16 taken = _mm512_mask_cmplt_epi32_mask(_mm512_cmpgt_epi32_mask(sum, zero), v, zero);
  const __m512i reset = _mm512_mask_sub_epi32(v, fired, v, theta);
  _mm512_storeu_si512(membrane, _mm512_mask_add_epi32(reset, taken, reset, theta));
  const __m512i more = _mm512_mask_add_epi32(sum, fired, sum, one);
  _mm512_storeu_si512(spikes, _mm512_mask_sub_epi32(more, taken, more, one));
  return {fired, taken};
}
#elif defined(__AVX2__)
inline SignedSpikes fire_signed_block(std::int32_t* membrane, const std::int32_t* drive, const std::int32_t* threshold,
                                      std::int32_t* spikes) {
  const auto load = [](const std::int32_t* from) { return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from)); };
  const auto bits = [](__m256i mask) {
    return static_cast<std::uint64_t>(_mm256_movemask_ps(_mm256_castsi256_ps(mask)) & 0xff);
  };
  const __m256i zero = _mm256_setzero_si256();
  SignedSpikes sent{0, 0};
  for (int c = 0; c < kBlock; c += 8) {
    const __m256i theta = load(threshold + c), sum = load(spikes + c);
    const __m256i v = _mm256_add_epi32(load(membrane + c), load(drive + c));
    const __m256i below = _mm256_cmpgt_epi32(theta, v);
    const __m256i taken = _mm256_and_si256(_mm256_cmpgt_epi32(zero, v), _mm256_cmpgt_epi32(sum, zero));
    const __m256i reset = _mm256_sub_epi32(v, _mm256_andnot_si256(below, theta));
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(membrane + c),
                        _mm256_add_epi32(reset, _mm256_and_si256(taken, theta)));
    // A mask is -1: sum + 1 where it fired, which is sum + below + 1, - 1 where a spike was taken back.
    const __m256i more = _mm256_add_epi32(_mm256_add_epi32(sum, below), _mm256_set1_epi32(1));
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(spikes + c), _mm256_add_epi32(more, taken));
    sent.fired |= (~bits(below) & 0xff) << c;
    sent.taken_back |= bits(taken) << c;
  }
  return sent;
}
#elif defined(__SSE2__)
inline SignedSpikes fire_signed_block(std::int32_t* membrane, const std::int32_t* drive, const std::int32_t* threshold,
                                      std::int32_t* spikes) {
  const auto load = [](const std::int32_t* from) { return _mm_loadu_si128(reinterpret_cast<const __m128i*>(from)); };
  const auto bits = [](__m128i mask) {
    return static_cast<std::uint64_t>(_mm_movemask_ps(_mm_castsi128_ps(mask)) & 0xf);
  };
  const __m128i zero = _mm_setzero_si128();
  SignedSpikes sent{0, 0};
  for (int c = 0; c < kBlock; c += 4) {
    const __m128i theta = load(threshold + c), sum = load(spikes + c);
    const __m128i v = _mm_add_epi32(load(membrane + c), load(drive + c));
    const __m128i below = _mm_cmpgt_epi32(theta, v);
    const __m128i taken = _mm_and_si128(_mm_cmpgt_epi32(zero, v), _mm_cmpgt_epi32(sum, zero));
    const __m128i reset = _mm_sub_epi32(v, _mm_andnot_si128(below, theta));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(membrane + c), _mm_add_epi32(reset, _mm_and_si128(taken, theta)));
    const __m128i more = _mm_add_epi32(_mm_add_epi32(sum, below), _mm_set1_epi32(1));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(spikes + c), _mm_add_epi32(more, taken));
    sent.fired |= (~bits(below) & 0xf) << c;
    sent.taken_back |= bits(taken) << c;
  }
  return sent;
}
#else
inline SignedSpikes fire_signed_block(std::int32_t* membrane, const std::int32_t* drive, const std::int32_t* threshold,
                                      std::int32_t* spikes) {
  SignedSpikes sent{0, 0};
  for (int c = 0; c < kBlock; ++c) {
    membrane[c] += drive[c];
    const bool fires = membrane[c] >= threshold[c], takes_back = membrane[c] < 0 && spikes[c] > 0;
    const int spike = fires ? 1 : takes_back ? -1 : 0;
    membrane[c] -= spike * threshold[c];
    spikes[c] += spike;
    sent.fired |= std::uint64_t{fires} << c;
    sent.taken_back |= std::uint64_t{takes_back} << c;
  }
  return sent;
}
#endif

inline SignedSpikes integrate_and_fire_signed_block(const DrivenBlock& block, std::int32_t* spikes) {
  integrate_block(block);
  return fire_signed_block(block.membrane, block.drive, block.threshold, spikes);
}

void fire_signed(const Neurons& n) {
  for (std::int64_t p = 0; p < n.positions; ++p) {
    const std::int64_t first = p * n.stride;
    std::uint64_t *bits = n.bits + p * n.words, *negative = n.negative + p * n.words;
    for (std::int64_t c = 0; c < n.channels; c += 64) bits[c / 64] = negative[c / 64] = 0;
    for (std::int64_t c = 0; c < n.channels; c += kBlock) {
      const SignedSpikes sent =
          fire_signed_block(n.membrane + first + c, n.drive + p * n.drive_stride + c, n.theta + c, n.sum + first + c);
      bits[c / 64] |= sent.fired << (c % 64);
      negative[c / 64] |= sent.taken_back << (c % 64);
    }
  }
}

}  // namespace
}  // namespace neurocuda::runtime::cpu
