// What the synapse groups of a tile do with their sources' spikes and integers at one timestep.
#include "neurocuda/base/error.hpp"
#include "runtime/cpu/run/tile_run.hpp"

namespace neurocuda::runtime::cpu {
namespace {

/// The windows of the first row of a tile, without spikes; `into` is moved to their first channel.
WindowRow window_row(const PlannedNode& target, const PackedConv& conv, const WindowWeights& window, const Tile& tile,
                     std::int32_t* into) {
  const Geometry& g = conv.geometry;
  // The blocks of the tile's channels; a convolution of a part of the outputs has tiles of all channels.
  std::size_t first = 0, end = 0;
  std::int64_t channel = conv.first_output;
  for (; first < window.blocks.size() && channel < tile.first_channel; ++first)
    channel += window.blocks[first].channels;
  if (into != nullptr) into += channel;
  ensure(channel >= tile.first_channel && (first == 0 || channel == tile.first_channel),
         "cpu: a block of channels crosses the border of a tile");
  for (end = first; end < window.blocks.size() && channel < tile.first_channel + tile.channels; ++end)
    channel += window.blocks[end].channels;
  return {{},
          {},
          g.in_height,
          g.in_width,
          conv.inputs,
          tile.first_row * g.stride_height - g.padding_height,
          g.kernel_height,
          g.kernel_width,
          g.stride_width,
          g.padding_width,
          g.out_width,
          window.blocks.data() + first,
          static_cast<std::int64_t>(end - first),
          conv.flush,
          into,
          target.padded};
}

}  // namespace

void TileRun::deliver(const PlannedNode& target, const Tile& tile, std::int64_t t, const Apart& apart) {
  std::int32_t* into = layer_.membrane.data() + tile.first_row * target.width * target.padded;
  for (std::size_t i = 0; i < target.groups.size(); ++i) {
    const PlannedGroup& group = target.groups[i];
    const PlannedNode& source = planned(group.source);
    if (source.signal == Signal::constant) continue;
    const int index = static_cast<int>(i);
    if (index != apart.group && index != apart.skip) send(target, i, tile, t, into);
  }
}

void TileRun::slide_and_fire(Index node, const Tile& tile, std::int64_t t) {
  const PlannedNode& layer = planned(node);
  const auto index = static_cast<std::size_t>(layer.firing_group);
  const PlannedGroup& group = layer.groups[index];
  const Geometry& g = group.convs.front().geometry;
  WindowRow row = window_row(layer, group.convs.front(), *group.windows.front(), tile, nullptr);
  row.spikes = layer_.lists[index].spikes.front().by_column(t);
  if (planned(group.source).with_signs) row.taken_back = layer_.lists[index].taken_back.front().by_column(t);
  RowNeurons part{neurons(node, tile, t)};
  part.neurons.positions = layer.width;
  if (layer.firing_skip >= 0) {
    const PlannedGroup& skip = layer.groups[static_cast<std::size_t>(layer.firing_skip)];
    part.skip_words = planned(skip.source).words;
    part.skip =
        signals_.bits(skip.source, t) + tile.first_row * layer.width * part.skip_words + tile.first_channel / 64;
    part.skip_weight = skip.diagonal.data() + tile.first_channel;
  }
  for (std::int64_t y = 0; y < tile.rows; ++y) {
    (layer.with_signs ? kernels_.windows.add_and_fire_signed : kernels_.windows.add_and_fire)(row, part);
    row.first_row += g.stride_height;
    part.neurons.membrane += layer.width * layer.padded;
    part.neurons.drive += layer.width * part.neurons.drive_stride;
    part.neurons.bits += layer.width * layer.words;
    if (layer.with_signs) {
      part.neurons.sum += layer.width * layer.padded;
      part.neurons.negative += layer.width * layer.words;
    }
    if (part.skip != nullptr) part.skip += layer.width * part.skip_words;
  }
}

void TileRun::send(const PlannedNode& target, std::size_t index, const Tile& tile, std::int64_t t, std::int32_t* into) {
  const PlannedGroup& group = target.groups[index];
  const PlannedNode& source = planned(group.source);
  std::int32_t* sum = group.shift.empty() ? into : current_.data();
  if (source.signal != Signal::spikes) {
    send_values(target, group, tile, t, sum);
  } else if (!group.diagonal.empty()) {
    send_diagonal(target, group, tile, t, sum);
  } else {
    send_lists(target, index, tile, t, sum);
  }
  if (group.shift.empty()) return;
  // Constants are for all channels, whatever the tile.
  const bool all = source.signal == Signal::constant;
  const std::int64_t first = all ? 0 : tile.first_channel, channels = all ? target.padded : tile.channels;
  kernels_.add_shifted(sum + first, group.shift.data() + first,
                       {into + first, tile.rows * target.width, target.padded, channels});
}

void TileRun::send_diagonal(const PlannedNode& target, const PlannedGroup& group, const Tile& tile, std::int64_t t,
                            std::int32_t* into) {
  const std::int64_t words = planned(group.source).words;
  const std::int64_t word = tile.first_row * target.width * words + tile.first_channel / 64;
  const Values part{into + tile.first_channel, tile.rows * target.width, target.padded, tile.channels};
  kernels_.add_diagonal(signals_.bits(group.source, t) + word, words, group.diagonal.data() + tile.first_channel, part);
  if (const std::uint64_t* taken_back = signals_.negative(group.source, t))
    kernels_.add_diagonal(taken_back + word, words, group.negated.data() + tile.first_channel, part);
}

void TileRun::send_lists(const PlannedNode& target, std::size_t index, const Tile& tile, std::int64_t t,
                         std::int32_t* into) {
  const PlannedGroup& group = target.groups[index];
  const LayerState::GroupLists& lists = layer_.lists[index];
  const bool with_signs = planned(group.source).with_signs;
  for (std::size_t i = 0; i < group.convs.size(); ++i) {
    const PackedConv& conv = group.convs[i];
    if (group.windows[i]) {
      WindowRow row = window_row(target, conv, *group.windows[i], tile, into);
      row.spikes = lists.spikes[i].by_column(t);
      if (with_signs) row.taken_back = lists.taken_back[i].by_column(t);
      for (std::int64_t y = 0; y < tile.rows; ++y) {
        kernels_.windows.add(row);
        row.first_row += conv.geometry.stride_height;
        row.target += target.width * target.padded;
      }
      continue;
    }
    const Synapses synapses{
        conv.geometry, conv.weights.data(), conv.tap_bytes(),         conv.padded,  conv.flush, tile.first_row,
        tile.rows,     gathered_.data(),    into + conv.first_output, target.padded};
    kernels_.add_spikes(synapses, lists.spikes[i].by_position(t));
    if (with_signs) kernels_.subtract_spikes(synapses, lists.taken_back[i].by_position(t));
  }
}

void TileRun::send_values(const PlannedNode& target, const PlannedGroup& group, const Tile& tile, std::int64_t t,
                          std::int32_t* into) {
  const PlannedNode& source = planned(group.source);
  const std::int32_t* sent = signals_.values(group.source, t);
  for (const PackedConv& conv : group.convs) {
    const Synapses synapses{
        conv.geometry, conv.weights.data(), conv.tap_bytes(),         conv.padded,  conv.flush, tile.first_row,
        tile.rows,     gathered_.data(),    into + conv.first_output, target.padded};
    kernels_.add_amounts(synapses, sent_values_.list(source, conv, {tile.first_row, tile.rows}, sent));
  }
  if (group.diagonal.empty()) return;
  const std::int64_t position = tile.first_row * target.width;
  add_diagonal_values(source, group.diagonal, {position, tile.rows * target.width}, sent, target.padded, into);
}

}  // namespace neurocuda::runtime::cpu
