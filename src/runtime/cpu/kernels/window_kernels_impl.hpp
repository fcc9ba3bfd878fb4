// The sliding windows of one instruction set. Included by kernels_impl.hpp, whose rules apply.
//
// Bytes without sign extension: with w + 128 in every byte, a vector x of 16-bit lanes holds two of them. The sum of x
// and the sum of x >> 8 give both: high = sum (x >> 8), low = sum x - (high << 8), each 128 too much for every row.
// All of it modulo 2^16, which is exact while the sums of the weights themselves fit int16.
#pragma once

#include "runtime/cpu/kernels/neuron_kernels_impl.hpp"
#include "runtime/cpu/kernels/window_kernels.hpp"

namespace neurocuda::runtime::cpu {
namespace {

/// Bytes of the widest vector.
constexpr std::int64_t kVectorBytes = 2 * NEUROCUDA_LANES;

template <int kBytes>
struct Lanes {
  typedef std::uint16_t U16 __attribute__((vector_size(kBytes), aligned(16), may_alias));
  typedef std::int16_t I16 __attribute__((vector_size(kBytes), aligned(2), may_alias));
};

/// The sums of one output, over a block of kVectors x kBytes channels.
template <int kBytes, int kVectors>
struct OutputSums {
  typename Lanes<kBytes>::U16 raw[kVectors], high[kVectors];
  std::int32_t rows = 0;  ///< added, less those taken away
  std::int32_t any = 0;   ///< added or taken away

  inline __attribute__((always_inline)) void clear() {
    NEUROCUDA_UNROLLED for (int v = 0; v < kVectors; ++v) raw[v] = high[v] = typename Lanes<kBytes>::U16{};
    rows = any = 0;
  }
  /// Member by member: the compiler copies a whole struct through memory.
  inline __attribute__((always_inline)) void copy(const OutputSums& other) {
    NEUROCUDA_UNROLLED for (int v = 0; v < kVectors; ++v) {
      raw[v] = other.raw[v];
      high[v] = other.high[v];
    }
    rows = other.rows;
    any = other.any;
  }
};

/// The sums of the weights, channel by channel.
template <int kBytes, int kVectors>
inline __attribute__((always_inline)) void unpack(const OutputSums<kBytes, kVectors>& sums, std::int16_t* to) {
  using I16 = typename Lanes<kBytes>::I16;
  const std::uint16_t offset = static_cast<std::uint16_t>(128 * sums.rows);
  NEUROCUDA_UNROLLED for (int v = 0; v < kVectors; ++v) {
    *reinterpret_cast<I16*>(to + v * kBytes) = (I16)(sums.raw[v] - (sums.high[v] << 8) - offset);
    *reinterpret_cast<I16*>(to + v * kBytes + kBytes / 2) = (I16)(sums.high[v] - offset);
  }
}

/// What becomes of the sums of an output: they are added to the membranes.
struct AddToMembranes {
  std::int32_t* target;
  std::int64_t stride;

  template <int kBytes, int kVectors>
  inline __attribute__((always_inline)) void take(const OutputSums<kBytes, kVectors>& sums, std::int64_t x) const {
    if (sums.any) add(sums, x);
  }
  template <int kBytes, int kVectors>
  inline __attribute__((always_inline)) void add(const OutputSums<kBytes, kVectors>& sums, std::int64_t x) const {
    alignas(64) std::int16_t values[kBytes * kVectors];
    unpack(sums, values);
    std::int32_t* __restrict to = target + x * stride;
    for (int c = 0; c < kBytes * kVectors; ++c) to[c] += values[c];
  }
  void next_block(std::int64_t channels) { target += channels; }
};

/// Or the neurons integrate them with all else, and fire.
template <bool kSigned>
struct Fire {
  RowNeurons row;
  std::int64_t channel = 0;

  template <int kBytes, int kVectors>
  inline __attribute__((always_inline)) void take(const OutputSums<kBytes, kVectors>& sums, std::int64_t x) const {
    alignas(64) std::int16_t values[kBytes * kVectors];
    unpack(sums, values);
    NEUROCUDA_UNROLLED for (int c = 0; c < kBytes * kVectors; c += kStep<kBytes * kVectors>)
        fire<kStep<kBytes * kVectors>>(values + c, x, channel + c);
  }
  /// Channels of one word of spikes at a time.
  template <int kChannels>
  static constexpr int kStep = kChannels < 64 ? kChannels : 64;

  template <int kChannels>
  inline __attribute__((always_inline)) void fire(const std::int16_t* sums, std::int64_t x, std::int64_t first) const {
    const Neurons& n = row.neurons;
    const std::int64_t word = first / 64, shift = first % 64;
    const bool skips = row.skip != nullptr;
    const std::uint64_t skipped = skips ? row.skip[x * row.skip_words + word] >> shift : 0;
    DrivenBlock block{
        n.membrane + x * n.stride + first,        n.drive + x * n.drive_stride + first, n.theta + first, sums, 0,
        skips ? row.skip_weight + first : nullptr};
    [[maybe_unused]] std::int32_t* sum = kSigned ? n.sum + x * n.stride + first : nullptr;
    SignedSpikes sent{0, 0};
    NEUROCUDA_UNROLLED for (int c = 0; c < kChannels; c += kBlock) {
      block.skipped = static_cast<std::uint32_t>(skipped >> c) & 0xffffU;
      if constexpr (kSigned) {
        const SignedSpikes now = integrate_and_fire_signed_block(block, sum + c);
        sent.fired |= now.fired << c;
        sent.taken_back |= now.taken_back << c;
      } else {
        sent.fired |= integrate_and_fire_block(block) << c;
      }
      block.membrane += kBlock;
      block.drive += kBlock;
      block.threshold += kBlock;
      block.sums += kBlock;
      if (skips) block.skip_weight += kBlock;
    }
    set_bits(n.bits + x * n.words + word, shift, sent.fired);
    if constexpr (kSigned) set_bits(n.negative + x * n.words + word, shift, sent.taken_back);
  }
  /// Blocks come in order: the first of a word clears the others.
  static inline void set_bits(std::uint64_t* word, std::int64_t shift, std::uint64_t bits) {
    *word = shift == 0 ? bits : *word | bits << shift;
  }
  /// Sums that outgrow int16 wait in the membranes.
  template <int kBytes, int kVectors>
  inline __attribute__((always_inline)) void add(const OutputSums<kBytes, kVectors>& sums, std::int64_t x) const {
    AddToMembranes{row.neurons.membrane + channel, row.neurons.stride}.take(sums, x);
  }
  void next_block(std::int64_t channels) { channel += channels; }
};

/// Adds `count` rows to the first kOutputs sums, or takes them away. `weights` is where row 0 would be.
template <bool kAway, int kBytes, int kVectors, int kColumns, int kOutputs>
inline __attribute__((always_inline)) void add_list(OutputSums<kBytes, kVectors>* sums, const std::uint16_t* list,
                                                    std::int32_t count, const std::uint8_t* weights) {
  using U16 = typename Lanes<kBytes>::U16;
  constexpr std::int64_t kChannels = kBytes * kVectors;
  for (std::int32_t i = 0; i < count; ++i) {
    const std::uint8_t* row = weights + list[i] * (kColumns * kChannels);
    NEUROCUDA_UNROLLED for (int o = 0; o < kOutputs; ++o) {
      NEUROCUDA_UNROLLED for (int v = 0; v < kVectors; ++v) {
        U16 x = *reinterpret_cast<const U16*>(row + o * kChannels + v * kBytes);
        NEUROCUDA_LOADED_ONCE(x);
        if constexpr (kAway) {
          sums[o].raw[v] -= x;
          sums[o].high[v] -= x >> 8;
        } else {
          sums[o].raw[v] += x;
          sums[o].high[v] += x >> 8;
        }
      }
    }
  }
  NEUROCUDA_UNROLLED for (int o = 0; o < kOutputs; ++o) {
    sums[o].rows += kAway ? -count : count;
    sums[o].any += count;
  }
}

/// The input rows under a window that are there: of a column, those at offsets[first] .. offsets[end].
struct WindowRows {
  std::int64_t first, end;
};

inline WindowRows rows_under(const WindowRow& row) {
  const std::int64_t end = row.first_row + row.kernel_height;
  const WindowRows rows{row.first_row < 0 ? 0 : row.first_row, end < row.in_height ? end : row.in_height};
  return rows.first < rows.end ? rows : WindowRows{0, 0};
}

inline std::int64_t listed_in(const ColumnList& list, const WindowRow& row, const WindowRows& under,
                              std::int64_t column) {
  if (list.offsets == nullptr) return 0;
  const std::uint32_t* offsets = list.offsets + column * row.in_height;
  return static_cast<std::int64_t>(offsets[under.end]) - offsets[under.first];
}

/// The outputs under a window. kBounded: no output has more rows than fit int16. kBoth: there are spikes of -1 too.
template <int kBytes, int kVectors, int kColumns, bool kBounded, bool kBoth, class Sink>
struct SlidingWindow {
  static constexpr int kOutputs = kColumns == 1 ? 1 : 3;

  const WindowRow row;  // copies: what is stored through pointers cannot change them
  const WindowRows under;
  const std::uint8_t* weights;  ///< where those of the source's row 0 would be
  const Sink sink;
  OutputSums<kBytes, kVectors> sums[kOutputs];

  bool is_output(std::int64_t x) const { return x >= 0 && x < row.out_width; }

  /// The list of an input column, to kReached outputs of which the first is `first`; `slot` is its weight column.
  template <int kReached>
  inline __attribute__((always_inline)) void read(std::int64_t column, std::int64_t first, int slot) {
    const std::uint8_t* from = weights + slot * (kBytes * kVectors);
    read_list<false, kReached>(row.spikes, column, first, from);
    if constexpr (kBoth) read_list<true, kReached>(row.taken_back, column, first, from);
  }

  template <bool kAway, int kReached>
  inline __attribute__((always_inline)) void read_list(const ColumnList& spikes, std::int64_t column,
                                                       std::int64_t first, const std::uint8_t* from) {
    const std::uint32_t* offsets = spikes.offsets + column * row.in_height;
    const std::uint16_t* list = spikes.rows + offsets[under.first];
    auto count = static_cast<std::int32_t>(offsets[under.end] - offsets[under.first]);
    if constexpr (!kBounded) {
      const auto most = static_cast<std::int32_t>(row.flush);
      if (sums[0].any + count > most) empty(first);
      for (; count > most; list += most, count -= most) {
        add_list<kAway, kBytes, kVectors, kColumns, kReached>(sums, list, most, from);
        empty(first);
      }
    }
    add_list<kAway, kBytes, kVectors, kColumns, kReached>(sums, list, count, from);
  }

  inline __attribute__((always_inline)) void empty(std::int64_t first) {
    NEUROCUDA_UNROLLED for (int o = 0; o < kOutputs; ++o) {
      if (is_output(first + o)) sink.add(sums[o], first + o);
      sums[o].clear();
    }
  }

  inline __attribute__((always_inline)) void clear() {
    NEUROCUDA_UNROLLED for (int o = 0; o < kOutputs; ++o) sums[o].clear();
  }

  inline __attribute__((always_inline)) void slide(std::int64_t done) {
    if (is_output(done)) sink.take(sums[0], done);
    if constexpr (kColumns == 3) {
      sums[0].copy(sums[1]);
      sums[1].copy(sums[2]);
    }
    sums[kOutputs - 1].clear();
  }
};

template <int kBytes, int kVectors, bool kBounded, bool kBoth, class Sink>
void slide_1(const WindowRow& row, const std::uint8_t* weights, const Sink& sink) {
  SlidingWindow<kBytes, kVectors, 1, kBounded, kBoth, Sink> window{row, rows_under(row), weights, sink, {}};
  window.clear();
  for (std::int64_t x = 0; x < row.out_width; ++x) {
    const std::int64_t column = x * row.stride - row.padding;
    if (column >= 0 && column < row.in_width) window.template read<1>(column, x, 0);
    window.slide(x);
  }
}

/// Outputs in front of the first that a column reaches, and behind the last: nothing arrives there.
template <class Window>
inline void slide_over(Window& window, std::int64_t first, std::int64_t end) {
  for (std::int64_t x = first < 0 ? 0 : first; x < end; ++x) window.slide(x);
}

template <int kBytes, int kVectors, bool kBounded, bool kBoth, class Sink>
void slide_3(const WindowRow& row, const std::uint8_t* weights, const Sink& sink) {
  SlidingWindow<kBytes, kVectors, 3, kBounded, kBoth, Sink> window{row, rows_under(row), weights, sink, {}};
  window.clear();
  slide_over(window, 0, row.padding - 2);
  for (std::int64_t column = 0; column < row.in_width; ++column) {
    const std::int64_t first = column + row.padding - 2;
    window.template read<3>(column, first, 0);
    window.slide(first);
  }
  slide_over(window, row.in_width + row.padding - 2, row.out_width);
}

template <int kBytes, int kVectors, bool kBounded, bool kBoth, class Sink>
void slide_3_by_2(const WindowRow& row, const std::uint8_t* weights, const Sink& sink) {
  SlidingWindow<kBytes, kVectors, 3, kBounded, kBoth, Sink> window{row, rows_under(row), weights, sink, {}};
  window.clear();
  slide_over(window, 0, (row.padding + 1) / 2 - 1);
  for (std::int64_t column = 0; column < row.in_width; ++column) {
    const std::int64_t at = column + row.padding;
    if (at % 2 == 1) {
      window.template read<1>(column, at / 2, 2);
    } else {
      window.template read<2>(column, at / 2 - 1, 0);
      window.slide(at / 2 - 1);
    }
  }
  slide_over(window, (row.in_width + row.padding - 1) / 2, row.out_width);
}

template <int kBytes, int kVectors, bool kBounded, bool kBoth, class Sink>
inline void slide_block(const WindowRow& row, const WindowBlock& block, const Sink& sink) {
  const std::uint8_t* weights = block.weights - row.first_row * row.inputs * row.kernel_width * block.channels;
  if (row.kernel_width == 1) {
    slide_1<kBytes, kVectors, kBounded, kBoth>(row, weights, sink);
  } else if (row.stride == 1) {
    slide_3<kBytes, kVectors, kBounded, kBoth>(row, weights, sink);
  } else {
    slide_3_by_2<kBytes, kVectors, kBounded, kBoth>(row, weights, sink);
  }
}

/// Vectors of the widest block: three outputs have to fit the registers.
#if NEUROCUDA_LANES >= 32
constexpr int kWidest = 4;
#else
constexpr int kWidest = 2;
#endif

template <bool kBounded, bool kBoth, class Sink>
void slide_blocks(const WindowRow& row, Sink sink) {
  constexpr int kBytes = kVectorBytes;
  for (std::int64_t i = 0; i < row.block_count; ++i) {
    const WindowBlock& block = row.blocks[i];
    switch (block.channels) {
#if NEUROCUDA_LANES >= 32
      case 4 * kBytes:
        slide_block<kBytes, 4, kBounded, kBoth>(row, block, sink);
        break;
#endif
      case 2 * kBytes:
        slide_block<kBytes, 2, kBounded, kBoth>(row, block, sink);
        break;
#if NEUROCUDA_LANES >= 32
      case 64:
        slide_block<64, 1, kBounded, kBoth>(row, block, sink);
        break;
#endif
#if NEUROCUDA_LANES >= 16
      case 32:
        slide_block<32, 1, kBounded, kBoth>(row, block, sink);
        break;
#endif
      default:
        slide_block<16, 1, kBounded, kBoth>(row, block, sink);
    }
    sink.next_block(block.channels);
  }
}

/// Whether no three columns together have more rows than fit int16.
inline bool is_bounded(const WindowRow& row) {
  const std::int64_t most = row.spikes.most + row.taken_back.most;
  if (most * row.kernel_height * row.kernel_width <= row.flush) return true;
  const WindowRows rows = rows_under(row);
  std::int64_t before = 0, last = 0;
  for (std::int64_t column = 0; column < row.in_width; ++column) {
    const std::int64_t now = listed_in(row.spikes, row, rows, column) + listed_in(row.taken_back, row, rows, column);
    if (before + last + now > row.flush) return false;
    before = last;
    last = now;
  }
  return true;
}

template <bool kBoth, class Sink>
inline void slide_lists(const WindowRow& row, const Sink& sink) {
  is_bounded(row) ? slide_blocks<true, kBoth>(row, sink) : slide_blocks<false, kBoth>(row, sink);
}

template <class Sink>
inline void slide_row(const WindowRow& row, const Sink& sink) {
  row.taken_back.offsets == nullptr ? slide_lists<false>(row, sink) : slide_lists<true>(row, sink);
}

void add_row(const WindowRow& row) { slide_row(row, AddToMembranes{row.target, row.target_stride}); }
template <bool kSigned>
void add_and_fire_row(const WindowRow& row, const RowNeurons& neurons) {
  slide_row(row, Fire<kSigned>{neurons});
}

constexpr WindowKernels kWindowKernels{kWidest * kVectorBytes, kVectorBytes, add_row, add_and_fire_row<false>,
                                       add_and_fire_row<true>};

}  // namespace
}  // namespace neurocuda::runtime::cpu
