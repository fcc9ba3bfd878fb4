#include "runtime/cpu/run/constant_currents.hpp"

#include <algorithm>

namespace neurocuda::runtime::cpu {

namespace {

constexpr std::int32_t kOffset = 128;

}  // namespace

void ConstantCurrents::add(const Rows& rows, const PlannedNode& source, const PlannedNode& target,
                           const std::int32_t* sent, std::int32_t* into) {
  const PlannedGroup& group = target.groups[rows.group];
  const std::vector<DenseConv>& convs = dense_.of(rows.node, rows.group);
  spread(group.convs.front().geometry, convs.front(), rows, source, sent);
  for (std::size_t i = 0; i < convs.size(); ++i) {
    const DenseConv& dense = convs[i];
    const PackedConv& conv = group.convs[i];
    const Geometry& g = conv.geometry;
    std::int32_t* first = into + conv.first_output;
    for (std::int64_t p = 0; p < rows.count * target.width; ++p) {
      std::int32_t* to = first + p * target.padded;
      for (std::int64_t c = 0; c < conv.padded; ++c) to[c] -= kOffset * dense.sums[static_cast<std::size_t>(c)];
    }
    kernels_.dense.add_counts({plane_.data() + conv.first_input, dense.taps.data(), conv.taps(), dense.inputs,
                               target.width, rows.count * target.width, g.stride_height * dense.row(),
                               g.stride_width * dense.position, dense.weights.data(), conv.padded, first,
                               target.padded});
  }
}

void ConstantCurrents::spread(const Geometry& g, const DenseConv& dense, const Rows& rows, const PlannedNode& source,
                              const std::int32_t* sent) {
  const SourceRows under = rows_under(g, rows.first, rows.count);
  plane_.resize(std::max(plane_.size(), with_slack(under.count * dense.row())));
  std::fill_n(plane_.begin(), under.count * dense.row(), static_cast<std::uint8_t>(kOffset));
  for (std::int64_t y = 0; y < under.count; ++y) {
    const std::int64_t row = under.first + y;
    if (row < 0 || row >= source.height) continue;
    const std::int32_t* from = sent + row * source.width * source.channels;
    std::uint8_t* to = plane_.data() + y * dense.row() + g.padding_width * dense.position;
    for (std::int64_t x = 0; x < dense.columns; ++x, to += dense.position) {
      for (std::int64_t c = 0; c < source.channels; ++c) to[c] = static_cast<std::uint8_t>(*from++ + kOffset);
    }
  }
}

}  // namespace neurocuda::runtime::cpu
