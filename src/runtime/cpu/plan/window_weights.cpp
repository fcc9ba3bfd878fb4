#include "runtime/cpu/plan/window_weights.hpp"

#include <algorithm>
#include <limits>

namespace neurocuda::runtime::cpu {
namespace {

/// Widest first; `padded` is a multiple of the narrowest.
std::vector<std::int64_t> block_widths(std::int64_t padded, std::int64_t widest) {
  std::vector<std::int64_t> widths;
  for (std::int64_t left = padded, width = widest; left > 0;) {
    while (width > left) width /= 2;
    widths.push_back(width);
    left -= width;
  }
  return widths;
}

struct BlockShape {
  std::int64_t rows, columns, channels, first_channel, vector_bytes;
  std::int64_t bytes() const { return rows * columns * channels; }
};

void fill(const PackedConv& conv, const BlockShape& block, std::uint8_t* to) {
  const Geometry& g = conv.geometry;
  std::vector<std::int64_t> lanes;
  for (std::int64_t c = 0; c < block.channels; ++c) lanes.push_back(lane_of_channel(c, block.vector_bytes));
  for (std::int64_t row = 0; row < block.rows; ++row) {
    const std::int64_t ky = row / conv.inputs, input = row % conv.inputs;
    for (std::int64_t slot = 0; slot < block.columns; ++slot, to += block.channels) {
      const std::int64_t kx = window_column(g.kernel_width, g.stride_width, slot);
      const std::int8_t* from = conv.weights.data() + (ky * g.kernel_width + kx) * conv.tap_bytes() +
                                input * conv.padded + block.first_channel;
      for (std::int64_t c = 0; c < block.channels; ++c)
        to[lanes[static_cast<std::size_t>(c)]] = static_cast<std::uint8_t>(from[c] + 128);
    }
  }
}

}  // namespace

bool has_window(const PackedConv& conv) {
  const Geometry& g = conv.geometry;
  return slides(g.kernel_width, g.stride_width) && g.dilation_width == 1 && g.dilation_height == 1 &&
         g.in_height * conv.inputs <= std::numeric_limits<std::uint16_t>::max();
}

std::optional<WindowWeights> window_weights(const PackedConv& conv, const WindowWidths& widths) {
  if (!has_window(conv)) return std::nullopt;
  const Geometry& g = conv.geometry;
  const std::int64_t rows = g.kernel_height * conv.inputs;
  std::vector<BlockShape> shapes;
  std::int64_t first_channel = 0, bytes = 0;
  for (const std::int64_t width : block_widths(conv.padded, widths.block)) {
    const std::int64_t vector_bytes = std::min(width, widths.vector_bytes);
    shapes.push_back({rows, g.kernel_width, width, first_channel, vector_bytes});
    first_channel += width;
    bytes += shapes.back().bytes();
  }
  WindowWeights weights;
  weights.bytes.assign(static_cast<std::size_t>(bytes), 0);
  std::uint8_t* at = weights.bytes.data();
  for (const BlockShape& shape : shapes) {
    fill(conv, shape, at);
    weights.blocks.push_back({at, shape.channels});
    at += shape.bytes();
  }
  return weights;
}

}  // namespace neurocuda::runtime::cpu
