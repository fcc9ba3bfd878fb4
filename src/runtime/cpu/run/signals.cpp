#include "runtime/cpu/run/signals.hpp"

#include "neurocuda/base/error.hpp"
#include "runtime/cpu/kernels/kernels.hpp"
#include "runtime/cpu/plan/layout.hpp"
#include "runtime/cpu/run/pools.hpp"

namespace neurocuda::runtime::cpu {

Signals::Signals(const program::Program& program, const Plan& plan, int timesteps) : program_(program), plan_(plan) {
  for (const PlannedNode& node : plan.nodes) {
    const bool integers = node.signal == Signal::constant || node.signal == Signal::counts;
    bits_.emplace_back(node.signal == Signal::spikes ? with_slack(timesteps * node.positions * node.words) : 0);
    negative_.emplace_back(node.with_signs ? bits_.back().size() : 0);
    values_.emplace_back(integers ? with_slack(node.positions * node.channels) : 0);
  }
}

void Signals::take_input(const ImageTask& task) {
  const PlannedNode& input = plan_.nodes.front();
  if (input.signal == Signal::constant) {
    values_from_image(input, task.input, values_.front().data());
    return;
  }
  for (std::int64_t t = 0; t < task.timesteps; ++t)
    bits_from_image(input, task.input + t * input.channels * input.positions, bits(0, t));
}

std::uint64_t* Signals::plane(std::vector<std::vector<std::uint64_t>>& planes, Index node, std::int64_t t) {
  auto& all = planes[static_cast<std::size_t>(node)];
  return all.empty() ? nullptr : all.data() + t * planned(node).positions * planned(node).words;
}

const std::int32_t* Signals::values(Index node, std::int64_t t) {
  if (planned(node).signal == Signal::counts) make_counts(node, t);
  return values_[static_cast<std::size_t>(node)].data();
}

void Signals::make_counts(Index node, std::int64_t t) {
  const auto no_counts = [] { ensure(false, "cpu: a node that hands on no counts was read as if it did"); };
  program::visit_kind(
      program_.nodes[static_cast<std::size_t>(node)].kind, [&](const program::InputNode&) { no_counts(); },
      [&](const program::IfLayer&) { no_counts(); }, [&](const program::SumPool& pool) { pool_values(node, pool, t); },
      [&](const program::OrPool&) { no_counts(); }, [&](const program::Accumulator&) { no_counts(); });
}

void Signals::pool_values(Index node, const program::SumPool& pool, std::int64_t t) {
  const PlannedNode &source = planned(pool.source), &target = planned(node);
  std::int32_t* pooled = values_[static_cast<std::size_t>(node)].data();
  if (source.signal == Signal::spikes) {
    sum_spikes(pool.window, source, target, {bits(pool.source, t), negative(pool.source, t)}, pooled);
  } else {
    sum_values(pool.window, source, target, values(pool.source, t), pooled);
  }
}

}  // namespace neurocuda::runtime::cpu
