// The kernels of one instruction set. Included by one source file per set, which defines NEUROCUDA_LANES (16-bit lanes
// of its widest vector) and is compiled with the flags that permit it. Everything is in an unnamed namespace, and
// nothing from the standard library is used: see kernels.hpp for the reason.
#include "runtime/cpu/dense_kernels_impl.hpp"
#include "runtime/cpu/kernels.hpp"

#if defined(__SSE2__)
#include <immintrin.h>
#endif

namespace neurocuda::runtime::cpu {
namespace {

constexpr int kMaxLanes = NEUROCUDA_LANES;
constexpr int kBlock = static_cast<int>(kChannelBlock);

// Vectors of the compiler (GCC, clang): they lower to whatever the flags permit. Loads and stores need no alignment.
template <int kLanes>
struct Vector {
  typedef std::int8_t I8 __attribute__((vector_size(kLanes), aligned(1), may_alias));
  typedef std::int16_t I16 __attribute__((vector_size(2 * kLanes), aligned(2), may_alias));
};

// ---- spike lists ----------------------------------------------------------------------------------------------------

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

/// Appends the bits of one byte, whose first bit stands for the row at `base`. Writes 8 entries, returns how many
/// count.
inline std::uint32_t list_byte(std::uint32_t byte, std::uint32_t base, std::uint32_t row_bytes, std::uint32_t* rows) {
  const std::uint8_t* positions = kBitPositions.of[byte];
  for (int i = 0; i < 8; ++i) rows[i] = base + positions[i] * row_bytes;
  return static_cast<std::uint32_t>(__builtin_popcount(byte));
}

/// Byte `index` of the spikes at one position, without the channels outside [first, end).
inline std::uint32_t spike_byte(const std::uint64_t* words, std::int64_t index, std::int64_t first, std::int64_t end) {
  std::uint32_t byte = static_cast<std::uint32_t>(words[index / 8] >> (8 * (index % 8))) & 255U;
  if (8 * index < first) byte &= 255U << (first - 8 * index);
  if (8 * index + 8 > end) byte &= 255U >> (8 * index + 8 - end);
  return byte;
}

void list_spikes(const SpikeSource& source, std::uint32_t row_bytes, std::uint32_t* rows, std::uint32_t* offsets) {
  const std::int64_t end = source.first + source.count;
  std::uint32_t listed = 0;
  for (std::int64_t p = 0; p < source.positions; ++p) {
    offsets[p] = listed;
    const std::uint64_t* words = source.bits + p * source.words;
    for (std::int64_t i = source.first / 8; 8 * i < end; ++i) {
      const std::uint32_t base = static_cast<std::uint32_t>(8 * i - source.first) * row_bytes;
      listed += list_byte(spike_byte(words, i, source.first, end), base, row_bytes, rows + listed);
    }
  }
  offsets[source.positions] = listed;
}

std::int64_t count_spikes(const std::uint64_t* bits, std::int64_t words) {
  std::int64_t count = 0;
  for (std::int64_t i = 0; i < words; ++i) count += __builtin_popcountll(bits[i]);
  return count;
}

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

/// Copies one position's list, moved to the rows of a kernel tap. Whole chunks: the length is hard to predict.
inline std::int64_t append(const Events& events, std::int64_t position, std::uint32_t tap,
                           std::uint32_t* __restrict to) {
  constexpr int kChunk = 16;
  const std::int64_t count = events.offsets[position + 1] - events.offsets[position];
  const std::uint32_t* __restrict from = events.rows + events.offsets[position];
  std::int64_t i = 0;
  do {
    for (int j = 0; j < kChunk; ++j) to[i + j] = from[i + j] + tap;
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

template <int kSign>
void add_spikes(const Synapses& s) {
  std::int32_t* target = s.target;
  for (std::int64_t y = 0; y < s.geometry.out_height; ++y) {
    for (std::int64_t x = 0; x < s.geometry.out_width; ++x, target += s.target_stride) {
      std::int64_t count = 0;
      for_each_tap(
          s, y, x, [&](std::int64_t position, std::int64_t tap) __attribute__((always_inline)) {
            count += append(s.events, position, static_cast<std::uint32_t>(tap), s.gathered + count);
          });
      if (count > 0) add_blocks<kSign, 8 * kMaxLanes>(s, count, target, 0);
    }
  }
}

inline void add_scaled_row(const std::int8_t* __restrict row, std::int32_t amount, std::int64_t channels,
                           std::int32_t* __restrict target) {
  for (std::int64_t c = 0; c < channels; c += kBlock) {
    for (int j = 0; j < kBlock; ++j) target[c + j] += row[c + j] * amount;
  }
}

void add_amounts(const Synapses& s) {
  std::int32_t* target = s.target;
  for (std::int64_t y = 0; y < s.geometry.out_height; ++y) {
    for (std::int64_t x = 0; x < s.geometry.out_width; ++x, target += s.target_stride) {
      for_each_tap(s, y, x, [&](std::int64_t position, std::int64_t tap) {
        for (std::int64_t i = s.events.offsets[position]; i < s.events.offsets[position + 1]; ++i) {
          add_scaled_row(s.weights + tap + s.events.rows[i], s.events.amounts[i], s.padded, target);
        }
      });
    }
  }
}

void add_diagonal(const SpikeSource& source, const std::int32_t* __restrict weight, std::int32_t* __restrict target,
                  std::int64_t padded) {
  for (std::int64_t p = 0; p < source.positions; ++p, target += padded) {
    for (std::int64_t c = 0; c < padded; c += kBlock) {
      const std::int32_t bits = static_cast<std::int32_t>(source.bits[p * source.words + c / 64] >> (c % 64)) & 0xffff;
      if (bits == 0) continue;
      for (int j = 0; j < kBlock; ++j) target[c + j] += -(bits >> j & 1) & weight[c + j];
    }
  }
}

void add_shifted(std::int32_t* __restrict current, const std::int32_t* __restrict shift,
                 std::int32_t* __restrict target, std::int64_t positions, std::int64_t padded) {
  for (std::int64_t p = 0; p < positions; ++p, current += padded, target += padded) {
    for (std::int64_t c = 0; c < padded; ++c) {
      target[c] += current[c] << shift[c];
      current[c] = 0;
    }
  }
}

// ---- neurons --------------------------------------------------------------------------------------------------------

void integrate(const Neurons& n) {
  for (std::int64_t p = 0; p < n.positions; ++p) {
    std::int32_t* __restrict v = n.membrane + p * n.padded;
    const std::int32_t* __restrict drive = n.drive + p * n.drive_stride;
    for (std::int64_t c = 0; c < n.padded; ++c) v[c] += drive[c];
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

void fire(const Neurons& n) {
  for (std::int64_t p = 0; p < n.positions; ++p) {
    std::int32_t* v = n.membrane + p * n.padded;
    const std::int32_t* drive = n.drive + p * n.drive_stride;
    std::uint64_t* bits = n.bits + p * n.words;
    for (std::int64_t word = 0; word < n.words; ++word) bits[word] = 0;
    for (std::int64_t c = 0; c < n.padded; c += kBlock) {
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

void fire_signed(const Neurons& n) {
  for (std::int64_t p = 0; p < n.positions; ++p) {
    const std::int64_t first = p * n.padded;
    std::uint64_t *bits = n.bits + p * n.words, *negative = n.negative + p * n.words;
    for (std::int64_t word = 0; word < n.words; ++word) bits[word] = negative[word] = 0;
    for (std::int64_t c = 0; c < n.padded; c += kBlock) {
      const SignedSpikes sent =
          fire_signed_block(n.membrane + first + c, n.drive + p * n.drive_stride + c, n.theta + c, n.sum + first + c);
      bits[c / 64] |= sent.fired << (c % 64);
      negative[c / 64] |= sent.taken_back << (c % 64);
    }
  }
}

constexpr Kernels kKernels{list_spikes, count_spikes, add_spikes<1>, add_spikes<-1>, add_amounts,  add_diagonal,
                           add_shifted, integrate,    fire,          fire_signed,    kDenseKernels};

}  // namespace
}  // namespace neurocuda::runtime::cpu
