#include "runtime/cpu/exact/count_plan.hpp"

#include <algorithm>

#include "runtime/cpu/run/pools.hpp"

namespace neurocuda::runtime::cpu::exact {
namespace {

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

CountedGroup counted(const program::Program& program, const Plan& plan, const PlannedGroup& group) {
  CountedGroup counted;
  const auto signal = [&](program::NodeIndex node) { return plan.nodes[static_cast<std::size_t>(node)].signal; };
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
  for (const PlannedNode& node : plan.nodes) {
    std::vector<CountedGroup>& groups = counts.groups.emplace_back();
    for (const PlannedGroup& group : node.groups) groups.push_back(counted(program, plan, group));
    counts.rates.push_back(rates_of(node));
  }
  return counts;
}

}  // namespace neurocuda::runtime::cpu::exact
