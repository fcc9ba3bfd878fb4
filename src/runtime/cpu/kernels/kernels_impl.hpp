// The kernels of one instruction set. Included by one source file per set, which defines NEUROCUDA_LANES (16-bit lanes
// of its widest vector) and is compiled with the flags that permit it. Everything is in an unnamed namespace, and
// nothing from the standard library is used: see kernels.hpp for the reason.
#pragma once

#include "runtime/cpu/kernels/kernels.hpp"

/// Arrays of vectors stay in registers only where the compiler sees every index.
#define NEUROCUDA_UNROLLED _Pragma("GCC unroll 8")

/// Keeps the compiler from reading a vector again for each of its uses: loads are what is short.
#if defined(__SSE2__)
#define NEUROCUDA_LOADED_ONCE(vector) asm("" : "+v"(vector))
#else
#define NEUROCUDA_LOADED_ONCE(vector)
#endif

#include "runtime/cpu/kernels/dense_kernels_impl.hpp"
#include "runtime/cpu/kernels/list_kernels_impl.hpp"
#include "runtime/cpu/kernels/neuron_kernels_impl.hpp"
#include "runtime/cpu/kernels/window_kernels_impl.hpp"

#if defined(__SSE2__)
#include <immintrin.h>
#endif

namespace neurocuda::runtime::cpu {
namespace {

constexpr int kMaxLanes = NEUROCUDA_LANES;

// Vectors of the compiler (GCC, clang): they lower to whatever the flags permit. Loads and stores need no alignment.
template <int kLanes>
struct Vector {
  typedef std::int8_t I8 __attribute__((vector_size(kLanes), aligned(1), may_alias));
  typedef std::int16_t I16 __attribute__((vector_size(2 * kLanes), aligned(2), may_alias));
};

// ---- convolutions and linear maps -----------------------------------------------------------------------------------

/// Adds `count` weight rows, each times kSign, to a block of channels: in int16 registers, which hold `flush` rows for
/// certain.
template <int kSign, int kLanes, int kVectors>
inline void add_rows(const std::int8_t* weights, const std::uint32_t* rows, std::int64_t count, std::int64_t flush,
                     std::int32_t* target) {
  using I8 = typename Vector<kLanes>::I8;
  using I16 = typename Vector<kLanes>::I16;
  while (count > 0) {
    const std::int64_t part = count < flush ? count : flush;
    I16 sum[kVectors] = {};
    for (std::int64_t i = 0; i < part; ++i) {
      const std::int8_t* row = weights + rows[i];
      for (int k = 0; k < kVectors; ++k) {
        sum[k] += __builtin_convertvector(*reinterpret_cast<const I8*>(row + k * kLanes), I16);
      }
    }
    alignas(64) std::int16_t sums[kVectors * kLanes];
    for (int k = 0; k < kVectors; ++k) *reinterpret_cast<I16*>(sums + k * kLanes) = sum[k];
    for (int c = 0; c < kVectors * kLanes; ++c) target[c] += kSign * sums[c];
    rows += part;
    count -= part;
  }
}

/// Adds rows to the channels from `done` on, in blocks of kChannels while they fit, then in smaller ones.
template <int kSign, int kChannels>
inline void add_blocks(const Synapses& s, std::int64_t count, std::int32_t* target, std::int64_t done) {
  constexpr int kLanes = kChannels < kMaxLanes ? kChannels : kMaxLanes;
  for (; s.padded - done >= kChannels; done += kChannels) {
    add_rows<kSign, kLanes, kChannels / kLanes>(s.weights + done, s.gathered, count, s.flush, target + done);
  }
  if constexpr (kChannels > kBlock) add_blocks<kSign, kChannels / 2>(s, count, target, done);
}

/// Writes the weight rows of one position's spikes for a kernel tap. Whole chunks: the length is hard to predict.
inline std::int64_t append(const SpikeList& spikes, std::int64_t position, std::uint32_t tap, std::uint32_t row_bytes,
                           std::uint32_t* __restrict to) {
  constexpr int kChunk = 16;
  const std::int64_t count = spikes.offsets[position + 1] - spikes.offsets[position];
  const std::uint16_t* __restrict from = spikes.channels + spikes.offsets[position];
  std::int64_t i = 0;
  do {
    for (int j = 0; j < kChunk; ++j) to[i + j] = tap + from[i + j] * row_bytes;
    i += kChunk;
  } while (i < count);
  return count;
}

/// Calls visit(source position, first weight byte of the tap) for every tap of output (y, x) that is inside the source.
template <class Visit>
inline void for_each_tap(const Synapses& s, std::int64_t y, std::int64_t x, const Visit& visit) {
  const Geometry& g = s.geometry;
  for (std::int64_t ky = 0; ky < g.kernel_height; ++ky) {
    const std::int64_t in_y = y * g.stride_height - g.padding_height + ky * g.dilation_height;
    if (in_y < 0 || in_y >= g.in_height) continue;
    for (std::int64_t kx = 0; kx < g.kernel_width; ++kx) {
      const std::int64_t in_x = x * g.stride_width - g.padding_width + kx * g.dilation_width;
      if (in_x < 0 || in_x >= g.in_width) continue;
      visit(in_y * g.in_width + in_x, (ky * g.kernel_width + kx) * s.tap_bytes);
    }
  }
}

/// Calls visit(y, x, target) for every output of the rows.
template <class Visit>
inline void for_each_output(const Synapses& s, const Visit& visit) {
  std::int32_t* target = s.target;
  for (std::int64_t y = s.first_row; y < s.first_row + s.rows; ++y) {
    for (std::int64_t x = 0; x < s.geometry.out_width; ++x, target += s.target_stride) visit(y, x, target);
  }
}

template <int kSign>
void add_spikes(const Synapses& s, const SpikeList& spikes) {
  const auto row_bytes = static_cast<std::uint32_t>(s.padded);
  for_each_output(s, [&](std::int64_t y, std::int64_t x, std::int32_t* target) {
    std::int64_t count = 0;
    for_each_tap(
        s, y, x, [&](std::int64_t position, std::int64_t tap) __attribute__((always_inline)) {
          count += append(spikes, position, static_cast<std::uint32_t>(tap), row_bytes, s.gathered + count);
        });
    if (count > 0) add_blocks<kSign, 8 * kMaxLanes>(s, count, target, 0);
  });
}

inline void add_scaled_row(const std::int8_t* __restrict row, std::int32_t amount, std::int64_t channels,
                           std::int32_t* __restrict target) {
  for (std::int64_t c = 0; c < channels; c += kBlock) {
    for (int j = 0; j < kBlock; ++j) target[c + j] += row[c + j] * amount;
  }
}

void add_amounts(const Synapses& s, const AmountList& sent) {
  for_each_output(s, [&](std::int64_t y, std::int64_t x, std::int32_t* target) {
    for_each_tap(s, y, x, [&](std::int64_t position, std::int64_t tap) {
      for (std::int64_t i = sent.offsets[position]; i < sent.offsets[position + 1]; ++i) {
        add_scaled_row(s.weights + tap + sent.channels[i] * s.padded, sent.amounts[i], s.padded, target);
      }
    });
  });
}

void add_diagonal(const std::uint64_t* bits, std::int64_t words, const std::int32_t* __restrict weight,
                  const Values& target) {
  for (std::int64_t p = 0; p < target.positions; ++p) {
    std::int32_t* __restrict at = target.at + p * target.stride;
    for (std::int64_t c = 0; c < target.channels; c += kBlock) {
      const std::int32_t spikes = static_cast<std::int32_t>(bits[p * words + c / 64] >> (c % 64)) & 0xffff;
#if defined(__AVX512F__)
      const __m512i before = _mm512_loadu_si512(at + c);
      const auto mask = static_cast<__mmask16>(spikes);
      _mm512_storeu_si512(at + c, _mm512_mask_add_epi32(before, mask, before, _mm512_loadu_si512(weight + c)));
#else
      if (spikes == 0) continue;
      for (int j = 0; j < kBlock; ++j) at[c + j] += -(spikes >> j & 1) & weight[c + j];
#endif
    }
  }
}

void add_shifted(std::int32_t* __restrict current, const std::int32_t* __restrict shift, const Values& target) {
  for (std::int64_t p = 0; p < target.positions; ++p) {
    std::int32_t* __restrict from = current + p * target.stride;
    std::int32_t* __restrict to = target.at + p * target.stride;
    for (std::int64_t c = 0; c < target.channels; ++c) {
      to[c] += from[c] << shift[c];
      from[c] = 0;
    }
  }
}

#if defined(__AVX512VNNI__)
constexpr Costs kCosts{kVectorBytes, 1.8, 30, 5.5, 12, 1.1};
#elif defined(__AVX512BW__)
constexpr Costs kCosts{kVectorBytes, 1.8, 30, 5.5, 12, 2.4};
#elif defined(__AVX2__)
constexpr Costs kCosts{kVectorBytes, 1.9, 30, 5.5, 12, 3};
#else
constexpr Costs kCosts{kVectorBytes, 1.4, 20, 4, 15, 12};
#endif

constexpr Kernels kKernels{list_spikes, list_columns,  count_spikes,   add_spikes<1>, add_spikes<-1>,
                           add_amounts, add_diagonal,  add_shifted,    integrate,     fire,
                           fire_signed, kDenseKernels, kWindowKernels, kCosts};

}  // namespace
}  // namespace neurocuda::runtime::cpu
