// What the synapse groups of a layer do with the counts and integers of their sources.
#include <algorithm>

#include "runtime/cpu/exact/count_pools.hpp"
#include "runtime/cpu/exact/count_run.hpp"
#include "runtime/cpu/run/pools.hpp"

namespace neurocuda::runtime::cpu::exact {

void CountRun::deliver(const Delivery& delivery, int member) {
  const PlannedNode& target = planned(delivery.target);
  const PlannedGroup& group = target.groups[delivery.group];
  if (planned(group.source).signal == Signal::spikes) {
    send_counts(delivery, group.shift.empty() ? integral_.data() : current_.data(), member);
    if (member == 0 && !group.shift.empty())
      kernels_.add_shifted(current_.data(), group.shift.data(),
                           {integral_.data(), target.positions, target.padded, target.padded});
  } else if (member == 0) {
    add_up(group.source, delivery.timesteps);
    send_integers(target, group, integral_.data());
  }
}

void CountRun::send_integers(const PlannedNode& target, const PlannedGroup& group, std::int32_t* into) {
  const PlannedNode& source = planned(group.source);
  const std::int32_t* sent = values(group.source);
  std::int32_t* sum = group.shift.empty() ? into : current_.data();
  for (const PackedConv& conv : group.convs) {
    const Synapses synapses{
        conv.geometry, conv.weights.data(),     conv.tap_bytes(), conv.padded, conv.flush, 0, conv.geometry.out_height,
        nullptr,       sum + conv.first_output, target.padded};
    kernels_.add_amounts(synapses, sent_values_.list(source, conv, {0, conv.geometry.out_height}, sent));
  }
  if (!group.diagonal.empty())
    add_diagonal_values(source, group.diagonal, {0, source.positions}, sent, target.padded, sum);
  if (!group.shift.empty())
    kernels_.add_shifted(sum, group.shift.data(), {into, target.positions, target.padded, target.padded});
}

void CountRun::send_counts(const Delivery& delivery, std::int32_t* into, int member) {
  const PlannedNode& target = planned(delivery.target);
  const PlannedGroup& group = target.groups[delivery.group];
  const PlannedNode& source = planned(group.source);
  if (!group.diagonal.empty()) {
    if (member == 0)
      kernels_.dense.add_scaled(counts_until(group.source, delivery.timesteps), group.diagonal.data(), into,
                                target.positions, target.padded);
    return;
  }
  const std::vector<DenseConv>& convs = dense_.of(delivery.target, delivery.group);
  if (member == 0)
    read_ = plane_of(source, counts_until(group.source, delivery.timesteps), group.convs.front(), convs.front());
  team_.meet();
  for (std::size_t i = 0; i < convs.size(); ++i) {
    const PackedConv& conv = group.convs[i];
    const DenseConv& dense = convs[i];
    add_counts(
        {read_ + conv.first_input, dense.taps.data(), conv.taps(), dense.inputs, conv.geometry.out_width,
         target.positions, conv.geometry.stride_height * dense.row(), conv.geometry.stride_width * dense.position,
         dense.weights.data(), conv.padded, into + conv.first_output, target.padded},
        conv.geometry.out_height);
  }
}

void CountRun::add_counts(const DenseSynapses& synapses, std::int64_t out_height) {
  // Blocks of outputs, whose weights one thread then reads alone; of few outputs, rows too.
  constexpr std::int64_t kBlocks = 2 * kChannelBlock;
  const std::int64_t wanted = team_.size() == 1 ? 1 : std::int64_t{4} * team_.size();
  const std::int64_t blocks = std::min(wanted, (synapses.padded + kBlocks - 1) / kBlocks);
  const std::int64_t rows = std::min(out_height, (wanted + blocks - 1) / blocks);
  const auto border = [](std::int64_t part, std::int64_t parts, std::int64_t count) { return part * count / parts; };
  team_.share(blocks * rows, [&](std::int64_t i) {
    const std::int64_t units = (synapses.padded + kBlocks - 1) / kBlocks;
    const std::int64_t first = border(i % blocks, blocks, units) * kBlocks;
    const std::int64_t end = std::min(border(i % blocks + 1, blocks, units) * kBlocks, synapses.padded);
    const std::int64_t top = border(i / blocks, rows, out_height), bottom = border(i / blocks + 1, rows, out_height);
    DenseSynapses part = synapses;
    part.plane += top * part.row_step;
    part.positions = (bottom - top) * part.out_width;
    part.weights += first * part.tap_count * part.inputs;
    part.padded = end - first;
    part.target += top * part.out_width * part.target_stride + first;
    kernels_.dense.add_counts(part);
  });
}

const std::uint8_t* CountRun::plane_of(const PlannedNode& source, const std::uint8_t* counts, const PackedConv& conv,
                                       const DenseConv& dense) {
  const Geometry& g = conv.geometry;
  if (g.padding_height == 0 && g.padding_width == 0 && dense.plane_width == source.width &&
      dense.plane_height <= source.height)
    return counts;
  const std::size_t bytes = with_slack(dense.plane_height * dense.row());
  if (plane_.size() < bytes) plane_.resize(bytes);
  std::fill_n(plane_.begin(), dense.plane_height * dense.row(), 0);
  const std::int64_t rows = std::min(source.height, dense.plane_height - g.padding_height);
  for (std::int64_t y = 0; y < rows; ++y) {
    std::copy_n(counts + y * source.width * source.padded, dense.columns * dense.position,
                plane_.data() + (y + g.padding_height) * dense.row() + g.padding_width * dense.position);
  }
  return plane_.data();
}

void CountRun::add_up(Index node, int timesteps) {
  const auto& pool = *program_.nodes[static_cast<std::size_t>(node)].as<program::SumPool>();
  const PlannedNode &source = planned(pool.source), &target = planned(node);
  if (source.signal == Signal::spikes) {
    sum_counts(pool.window, source, target, counts_until(pool.source, timesteps), values(node));
    return;
  }
  add_up(pool.source, timesteps);
  sum_values(pool.window, source, target, values(pool.source), values(node));
}

const std::uint8_t* CountRun::counts_until(Index node, int timesteps) {
  const std::vector<std::uint8_t>& all = counts_[static_cast<std::size_t>(node)];
  if (timesteps == task_->timesteps) return all.data();
  capped_.resize(std::max(capped_.size(), all.size()));
  const auto most = static_cast<std::uint8_t>(timesteps);
  std::transform(all.begin(), all.end(), capped_.begin(), [&](std::uint8_t count) { return std::min(count, most); });
  return capped_.data();
}

}  // namespace neurocuda::runtime::cpu::exact
