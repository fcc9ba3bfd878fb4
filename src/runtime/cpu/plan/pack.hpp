#pragma once

#include <cstdint>
#include <vector>

#include "neurocuda/program/program.hpp"
#include "runtime/cpu/kernels/kernels.hpp"

/// Weights in the order in which the kernels read them.
namespace neurocuda::runtime::cpu {

/// Channels rounded up to whole kernel blocks.
std::int64_t padded_channels(std::int64_t channels);
/// 64-bit words per position for this many channels.
std::int64_t spike_words(std::int64_t channels);
/// One value per channel, padded.
std::vector<std::int32_t> padded(const std::vector<std::int32_t>& values, std::int32_t fill);

/// Rows of a source; they may begin before it and end behind it.
struct SourceRows {
  std::int64_t first, count;
};
/// Those under `count` rows of outputs, from `first` on.
inline SourceRows rows_under(const Geometry& g, std::int64_t first, std::int64_t count) {
  return {first * g.stride_height - g.padding_height,
          (count - 1) * g.stride_height + (g.kernel_height - 1) * g.dilation_height + 1};
}

/// Input channels [first_input, + inputs) into output channels [first_output, + outputs). A grouped convolution becomes
/// several of these, each with as many groups as fill one block of output channels. They begin and end where blocks of
/// the layer do, with weights of zero in front and behind: nothing is written beyond a layer's own neurons.
struct PackedConv {
  Geometry geometry{};
  std::int64_t first_input = 0, inputs = 0;
  std::int64_t first_output = 0, outputs = 0;
  std::int64_t padded = 0;           ///< outputs, rounded up
  std::int64_t flush = 0;            ///< rows that can be summed in int16, whichever they are
  std::vector<std::int8_t> weights;  ///< [tap][input][padded]

  std::int64_t taps() const { return geometry.kernel_height * geometry.kernel_width; }
  std::int64_t tap_bytes() const { return inputs * padded; }
};

std::vector<PackedConv> pack(const program::Conv& conv, const Shape& source, const Shape& target);
std::vector<PackedConv> pack(const program::Linear& linear, const Shape& source);
/// Either of them; none of a Diagonal.
std::vector<PackedConv> pack(const program::Connection& connection, const Shape& source, const Shape& target);

/// The largest number of different rows of [row][padded] weights that can be summed in int16 in any order: enough of
/// the largest weights of one sign, in the worst channel, go beyond it.
/// `with_signs`: some of them are taken away instead.
std::int64_t int16_rows(const std::vector<std::int8_t>& weights, std::int64_t padded, bool with_signs = false);

}  // namespace neurocuda::runtime::cpu
