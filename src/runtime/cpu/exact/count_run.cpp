#include "runtime/cpu/exact/count_run.hpp"

#include <algorithm>
#include <cstring>

#include "runtime/cpu/exact/count_activity.hpp"
#include "runtime/cpu/exact/count_pools.hpp"
#include "runtime/cpu/layout.hpp"
#include "runtime/cpu/pools.hpp"

namespace neurocuda::runtime::cpu::exact {

bool counts_suffice(const program::Program& program, int timesteps, const RunOptions& options) {
  return options.mode == Mode::exact && timesteps <= kLargestCount &&
         program.input().encoding == program::InputEncoding::constant_current;
}

CountRun::CountRun(const program::Program& program, const Plan& plan, const CountPlan& counts, const Kernels& kernels)
    : program_(program), plan_(plan), count_plan_(counts), kernels_(kernels), sent_values_(plan) {
  for (const PlannedNode& node : plan.nodes) {
    const bool spikes = node.signal == Signal::spikes;
    const bool integers = node.signal == Signal::constant || node.signal == Signal::counts;
    counts_.emplace_back(spikes ? with_slack(node.positions * node.padded) : 0);
    values_.emplace_back(integers ? with_slack(node.positions * node.channels) : 0);
  }
  integral_.resize(with_slack(plan.max_neurons));
  current_.resize(with_slack(plan.max_neurons));
  plane_.resize(with_slack(counts.max_plane));
}

void CountRun::run(const ImageTask& task) {
  task_ = &task;
  for (std::size_t i = 0; i < program_.nodes.size(); ++i) {
    std::visit([&](const auto& kind) { run_node(static_cast<Index>(i), kind); }, program_.nodes[i].kind);
  }
}

void CountRun::run_node(Index node, const program::InputNode&) {
  values_from_image(planned(node), task_->input, values(node));
}

/// What sums of spikes are is made when it is read: of as many timesteps as are wanted.
void CountRun::run_node(Index node, const program::SumPool& pool) {
  if (planned(node).signal == Signal::constant)
    sum_values(pool.window, planned(pool.source), planned(node), values(pool.source), values(node));
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

void CountRun::run_node(Index node, const program::OrPool& pool) {
  max_counts(pool, planned(pool.source), planned(node), counts(pool.source), counts(node));
}

void CountRun::run_node(Index node, const program::IfLayer&) {
  const PlannedNode& layer = planned(node);
  integrate(node, task_->timesteps);
  count_activity(node);
  kernels_.dense.fire_counts({integral_.data(), layer.theta.data(),
                              count_plan_.rates[static_cast<std::size_t>(node)].data(), layer.positions, layer.padded,
                              task_->timesteps, counts(node)});
  if (task_->counts()) count_spikes(layer, counts(node), *task_, node);
  LayerRecord* record = task_->record(node);
  if (record == nullptr) return;
  record_counts(layer, counts(node), *task_, *record);
  if (!record->membranes.empty()) record_membranes(layer, integral_.data(), counts(node), *task_, *record);
}

void CountRun::run_node(Index node, const program::Accumulator&) {
  const std::int64_t classes = planned(node).channels;
  for (int t = 0; t < task_->timesteps; ++t) {
    std::int32_t* wanted = task_->accumulators_at(t, classes);
    if (wanted == nullptr) continue;
    integrate(node, t + 1);
    std::copy_n(integral_.begin(), classes, wanted);
  }
  count_activity(node);
}

void CountRun::integrate(Index node, int timesteps) {
  const PlannedNode& layer = planned(node);
  integrate_constants(layer, timesteps);
  integrate_biases(layer, timesteps);
  const auto& counted = count_plan_.groups[static_cast<std::size_t>(node)];
  for (std::size_t i = 0; i < layer.groups.size(); ++i) {
    if (counted[i].spiking >= 0) deliver(layer, layer.groups[i], counted[i], timesteps, integral_.data());
  }
}

void CountRun::integrate_constants(const PlannedNode& layer, int timesteps) {
  const std::int64_t neurons = layer.positions * layer.padded;
  std::fill_n(integral_.begin(), neurons, 0);
  bool any = false;
  for (const PlannedGroup& group : layer.groups) {
    if (planned(group.source).signal != Signal::constant) continue;
    deliver(layer, group, {}, timesteps, integral_.data());
    any = true;
  }
  for (std::int64_t i = 0; any && i < neurons; ++i) integral_[static_cast<std::size_t>(i)] *= timesteps;
}

void CountRun::integrate_biases(const PlannedNode& layer, int timesteps) {
  std::vector<std::int32_t> row = layer.v0;
  for (std::int64_t t = 0; t < timesteps; ++t) {
    const std::int32_t* bias = layer.bias_at(t);
    for (std::size_t c = 0; c < row.size(); ++c) row[c] += bias[c];
  }
  for (std::int64_t p = 0; p < layer.positions; ++p) {
    std::int32_t* at = integral_.data() + p * layer.padded;
    for (std::size_t c = 0; c < row.size(); ++c) at[c] += row[c];
  }
}

void CountRun::deliver(const PlannedNode& target, const PlannedGroup& group, const CountedGroup& counted, int timesteps,
                       std::int32_t* into) {
  std::int32_t* sum = group.shift.empty() ? into : current_.data();
  if (planned(group.source).signal == Signal::spikes) {
    send_counts(target, group, counted, counts_until(group.source, timesteps), sum);
  } else {
    if (counted.spiking >= 0) add_up(group.source, timesteps);
    send_integers(target, group, sum);
  }
  if (!group.shift.empty())
    kernels_.add_shifted(sum, group.shift.data(), {into, target.positions, target.padded, target.padded});
}

void CountRun::send_integers(const PlannedNode& target, const PlannedGroup& group, std::int32_t* into) {
  const PlannedNode& source = planned(group.source);
  const std::int32_t* sent = values(group.source);
  for (const PackedConv& conv : group.convs) {
    const Synapses synapses{
        conv.geometry, conv.weights.data(),      conv.tap_bytes(), conv.padded, conv.flush, 0, conv.geometry.out_height,
        nullptr,       into + conv.first_output, target.padded};
    kernels_.add_amounts(synapses, sent_values_.list(source, conv, sent));
  }
  if (!group.diagonal.empty())
    add_diagonal_values(source, group.diagonal, {0, source.positions}, sent, target.padded, into);
}

void CountRun::send_counts(const PlannedNode& target, const PlannedGroup& group, const CountedGroup& counted,
                           const std::uint8_t* sent, std::int32_t* into) {
  const PlannedNode& source = planned(group.source);
  if (!group.diagonal.empty()) {
    kernels_.dense.add_scaled(sent, group.diagonal.data(), into, target.positions, target.padded);
    return;
  }
  for (std::size_t i = 0; i < group.convs.size(); ++i) {
    const PackedConv& conv = group.convs[i];
    const DenseConv& dense = counted.convs[i];
    const std::int64_t row = dense.plane_width * dense.inputs;
    kernels_.dense.add_counts({plane_of(source, sent, conv, dense), dense.taps.data(), conv.taps(), dense.inputs,
                               conv.geometry.out_width, target.positions, conv.geometry.stride_height * row,
                               conv.geometry.stride_width * dense.inputs, dense.weights.data(), conv.padded,
                               into + conv.first_output, target.padded});
  }
}

const std::uint8_t* CountRun::plane_of(const PlannedNode& source, const std::uint8_t* counts, const PackedConv& conv,
                                       const DenseConv& dense) {
  const Geometry& g = conv.geometry;
  const bool whole = conv.first_input == 0 && dense.inputs == source.padded;
  if (whole && g.padding_height == 0 && g.padding_width == 0 && dense.plane_width == source.width &&
      dense.plane_height <= source.height)
    return counts;
  std::fill_n(plane_.begin(), dense.plane_height * dense.plane_width * dense.inputs, 0);
  const std::int64_t rows = std::min(source.height, dense.plane_height - g.padding_height);
  const std::int64_t columns = std::min(source.width, dense.plane_width - g.padding_width);
  for (std::int64_t y = 0; y < rows; ++y) {
    const std::uint8_t* from = counts + y * source.width * source.padded + conv.first_input;
    std::uint8_t* to = plane_.data() + ((y + g.padding_height) * dense.plane_width + g.padding_width) * dense.inputs;
    if (whole) {
      std::copy_n(from, std::max<std::int64_t>(0, columns) * dense.inputs, to);
      continue;
    }
    for (std::int64_t x = 0; x < columns; ++x, from += source.padded, to += dense.inputs)
      std::copy_n(from, conv.inputs, to);
  }
  return plane_.data();
}

void CountRun::count_activity(Index node) {
  if (!task_->counts()) return;
  for (const CountedGroup& group : count_plan_.groups[static_cast<std::size_t>(node)]) {
    if (group.spiking < 0) continue;
    count_operations(planned(group.spiking), counts(group.spiking), group.fan_out, *task_, node);
  }
}

}  // namespace neurocuda::runtime::cpu::exact
