#include "runtime/cpu/exact/count_plan.hpp"

#include <algorithm>

#include "runtime/cpu/kernels/dense_kernels.hpp"
#include "runtime/cpu/pools.hpp"

namespace neurocuda::runtime::cpu::exact {
namespace {

std::int64_t rounded_up(std::int64_t count, std::int64_t unit) { return (count + unit - 1) / unit * unit; }

std::vector<std::int8_t> dense_weights(const PackedConv& conv, std::int64_t inputs) {
  const std::int64_t blocks = conv.padded / kChannelBlock, quads = inputs / kInputBlock;
  std::vector<std::int8_t> weights(static_cast<std::size_t>(conv.padded * conv.taps() * inputs), 0);
  for (std::int64_t tap = 0; tap < conv.taps(); ++tap) {
    for (std::int64_t input = 0; input < conv.inputs; ++input) {
      const std::int8_t* from = conv.weights.data() + tap * conv.tap_bytes() + input * conv.padded;
      for (std::int64_t block = 0; block < blocks; ++block) {
        const std::int64_t quad = (block * conv.taps() + tap) * quads + input / kInputBlock;
        std::int8_t* to = weights.data() + quad * kInputBlock * kChannelBlock + input % kInputBlock;
        for (std::int64_t c = 0; c < kChannelBlock; ++c) to[c * kInputBlock] = *from++;
      }
    }
  }
  return weights;
}

DenseConv dense(const PackedConv& conv) {
  const Geometry& g = conv.geometry;
  DenseConv packed;
  packed.inputs = rounded_up(conv.inputs, kInputBlock);
  packed.plane_height = (g.out_height - 1) * g.stride_height + (g.kernel_height - 1) * g.dilation_height + 1;
  packed.plane_width = (g.out_width - 1) * g.stride_width + (g.kernel_width - 1) * g.dilation_width + 1;
  for (std::int64_t ky = 0; ky < g.kernel_height; ++ky) {
    for (std::int64_t kx = 0; kx < g.kernel_width; ++kx) {
      const std::int64_t position = ky * g.dilation_height * packed.plane_width + kx * g.dilation_width;
      packed.taps.push_back(position * packed.inputs);
    }
  }
  packed.weights = dense_weights(conv, packed.inputs);
  return packed;
}

/// From what reads a pool to what the pool reads.
void spread_over_pool(const Window& window, const Plan& plan, program::NodeIndex source, program::NodeIndex pool,
                      CountedGroup& group) {
  const PlannedNode &from = plan.nodes[static_cast<std::size_t>(source)],
                    &to = plan.nodes[static_cast<std::size_t>(pool)];
  std::vector<std::int64_t> spread(static_cast<std::size_t>(from.positions), 0);
  for_each_covered(window, from, to, [&](std::int64_t out, std::int64_t in) {
    spread[static_cast<std::size_t>(in)] += group.fan_out[static_cast<std::size_t>(out)];
  });
  group.fan_out = std::move(spread);
  group.spiking = source;
}

CountedGroup counted(const program::Program& program, const Plan& plan, const program::SynapseGroup& synapses,
                     const Shape& target, const PlannedGroup& group) {
  CountedGroup counted;
  const auto signal = [&](program::NodeIndex node) { return plan.nodes[static_cast<std::size_t>(node)].signal; };
  if (signal(group.source) == Signal::spikes) {
    const Shape& source = program.nodes[static_cast<std::size_t>(group.source)].shape;
    for (const PackedConv& conv : pack(synapses.connection, source, target)) counted.convs.push_back(dense(conv));
  }
  if (signal(group.source) == Signal::constant) return counted;
  counted.spiking = group.source;
  counted.fan_out = group.fan_out;
  while (signal(counted.spiking) == Signal::counts) {
    const program::NodeIndex node = counted.spiking;
    const auto* pool = program.nodes[static_cast<std::size_t>(node)].as<program::SumPool>();
    spread_over_pool(pool->window, plan, pool->source, node, counted);
  }
  return counted;
}

std::vector<float> rates_of(const PlannedNode& node) {
  std::vector<float> rates;
  for (const std::int32_t theta : node.theta) rates.push_back(1.0F / static_cast<float>(theta));
  return rates;
}

}  // namespace

CountPlan make_count_plan(const program::Program& program, const Plan& plan) {
  CountPlan counts;
  for (std::size_t i = 0; i < plan.nodes.size(); ++i) {
    const PlannedNode& node = plan.nodes[i];
    const auto& synapses = program::groups_of(program.nodes[i]);
    std::vector<CountedGroup>& groups = counts.groups.emplace_back();
    for (std::size_t g = 0; g < node.groups.size(); ++g) {
      groups.push_back(counted(program, plan, synapses[g], program.nodes[i].shape, node.groups[g]));
      for (const DenseConv& conv : groups.back().convs)
        counts.max_plane = std::max(counts.max_plane, conv.plane_height * conv.plane_width * conv.inputs);
    }
    counts.rates.push_back(rates_of(node));
  }
  return counts;
}

}  // namespace neurocuda::runtime::cpu::exact
