// A tile of a layer whose spikes are dense: every weight meets every timestep, several of which share the loads.
#include <algorithm>

#include "runtime/cpu/run/tile_run.hpp"

namespace neurocuda::runtime::cpu {
void TileRun::fire_densely(Index node, const Tile& tile) {
  const PlannedNode& layer = planned(node);
  const std::vector<DenseConv>& convs = dense_.of(node, static_cast<std::size_t>(layer.dense_group));
  for (std::int64_t first = 0; first < task_->timesteps; first += kDenseSteps) {
    const std::int64_t steps = std::min(kDenseSteps, task_->timesteps - first);
    drive_densely(layer, tile, first, steps);
    spread_spikes(layer, convs.front(), tile, first, steps);
    multiply(layer, convs, tile, steps);
    for (std::int64_t t = first; t < first + steps; ++t) {
      deliver(layer, tile, t, {layer.dense_group, -1});
      Neurons n = neurons(node, tile, t);
      n.drive = dense_drive_.data() + (t - first) * layer.width * tile.channels;
      n.drive_stride = tile.channels;
      (layer.with_signs ? kernels_.fire_signed : kernels_.fire)(n);
      record(node, tile, t);
    }
  }
}

void TileRun::drive_densely(const PlannedNode& layer, const Tile& tile, std::int64_t first, std::int64_t steps) {
  dense_drive_.resize(std::max(dense_drive_.size(), with_slack(steps * layer.width * tile.channels)));
  std::int32_t* to = dense_drive_.data();
  for (std::int64_t t = first; t < first + steps; ++t) {
    const Drive drive = drive_at(layer, tile, t);
    for (std::int64_t x = 0; x < layer.width; ++x, to += tile.channels)
      std::copy_n(drive.at + x * drive.stride, tile.channels, to);
  }
}

void TileRun::spread_spikes(const PlannedNode& layer, const DenseConv& dense, const Tile& tile, std::int64_t first,
                            std::int64_t steps) {
  const PlannedGroup& group = layer.groups[static_cast<std::size_t>(layer.dense_group)];
  const PlannedNode& source = planned(group.source);
  const Geometry& g = group.convs.front().geometry;
  const SourceRows under = rows_under(g, tile.first_row, 1);
  const std::int64_t left = g.padding_width * dense.position;
  dense_plane_.resize(std::max(dense_plane_.size(), with_slack(steps * under.count * dense.row())));
  std::uint8_t* to = dense_plane_.data();
  for (std::int64_t t = first; t < first + steps; ++t) {
    for (std::int64_t y = 0; y < under.count; ++y, to += dense.row()) {
      std::fill_n(to, dense.row(), 0);
      const std::int64_t from = under.first + y;
      if (from < 0 || from >= source.height) continue;
      kernels_.dense.spread_bits(signals_.bits(group.source, t) + from * source.width * source.words, source.words,
                                 dense.columns, dense.position, to + left);
    }
  }
}

void TileRun::multiply(const PlannedNode& layer, const std::vector<DenseConv>& convs, const Tile& tile,
                       std::int64_t steps) {
  const PlannedGroup& group = layer.groups[static_cast<std::size_t>(layer.dense_group)];
  for (std::size_t i = 0; i < convs.size(); ++i) {
    const DenseConv& dense = convs[i];
    const PackedConv& conv = group.convs[i];
    const Geometry& g = conv.geometry;
    // A tile of some channels has one convolution, of which it takes a part.
    const bool part = tile.channels < layer.padded;
    const std::int64_t channels = part ? tile.channels : conv.padded, skipped = part ? tile.first_channel : 0;
    kernels_.dense.add_counts({dense_plane_.data() + conv.first_input, dense.taps.data(), conv.taps(), dense.inputs,
                               layer.width, steps * layer.width, rows_under(g, tile.first_row, 1).count * dense.row(),
                               g.stride_width * dense.position,
                               dense.weights.data() + skipped * conv.taps() * dense.inputs, channels,
                               dense_drive_.data() + (part ? 0 : conv.first_output), tile.channels});
  }
}

}  // namespace neurocuda::runtime::cpu
