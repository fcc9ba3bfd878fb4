#include "runtime/cpu/image_run.hpp"

#include <algorithm>

#include "neurocuda/base/error.hpp"
#include "runtime/cpu/layout.hpp"
#include "runtime/cpu/pools.hpp"

namespace neurocuda::runtime::cpu {
namespace {

std::size_t with_slack(std::int64_t count) { return static_cast<std::size_t>(count + kSlack); }

}  // namespace

ImageRun::ImageRun(const program::Program& program, const Plan& plan, const Kernels& kernels, int timesteps)
    : program_(program), plan_(plan), kernels_(kernels), timesteps_(timesteps), sent_values_(plan) {
  for (const PlannedNode& node : plan.nodes) {
    const bool integers = node.signal == Signal::constant || node.signal == Signal::counts;
    bits_.emplace_back(node.signal == Signal::spikes ? with_slack(timesteps * node.positions * node.words) : 0);
    negative_.emplace_back(node.with_signs ? bits_.back().size() : 0);
    values_.emplace_back(integers ? with_slack(node.positions * node.channels) : 0);
  }
  membrane_.resize(with_slack(plan.max_neurons));
  current_.resize(with_slack(plan.max_neurons));
  drive_.resize(with_slack(plan.max_neurons));
  nothing_.resize(with_slack(plan.max_neurons));
  rows_.resize(with_slack(plan.max_values));
  offsets_.resize(with_slack(plan.max_positions));
  gathered_.resize(with_slack(plan.max_gathered));
}

void ImageRun::run(const ImageTask& task) {
  task_ = &task;
  for (std::size_t i = 0; i < program_.nodes.size(); ++i) {
    std::visit([&](const auto& kind) { run_node(static_cast<Index>(i), kind); }, program_.nodes[i].kind);
  }
}

void ImageRun::run_node(Index node, const program::InputNode&) {
  const PlannedNode& input = planned(node);
  if (input.signal == Signal::constant) {
    values_from_image(input, task_->input, values_.front().data());
    return;
  }
  for (std::int64_t t = 0; t < task_->timesteps; ++t) {
    bits_from_image(input, task_->input + t * input.channels * input.positions, bits(node, t));
  }
}

void ImageRun::run_node(Index node, const program::SumPool& pool) {
  if (planned(node).signal == Signal::constant) pool_values(node, pool, 0);
}

void ImageRun::run_node(Index node, const program::OrPool& pool) {
  const PlannedNode &source = planned(pool.source), &target = planned(node);
  if (pool.rule == program::MaxPoolRule::maximum_of_counts) {
    std::optional<CountPool> own;
    auto* state = static_cast<State*>(task_->state);
    std::optional<CountPool>& counts = state != nullptr ? state->pools[static_cast<std::size_t>(node)] : own;
    if (!counts) counts.emplace(pool, source, target);
    for (std::int64_t t = 0; t < task_->timesteps; ++t) {
      counts->step({bits(pool.source, t), negative(pool.source, t)}, bits(node, t), negative(node, t));
    }
    return;
  }
  for (std::int64_t t = 0; t < task_->timesteps; ++t) {
    or_pool(pool.window, source, target, bits(pool.source, t), bits(node, t));
  }
}

void ImageRun::run_node(Index node, const program::IfLayer&) {
  start(node);
  const bool exact = task_->mode == Mode::exact;
  for (std::int64_t t = 0; t < task_->timesteps; ++t) {
    deliver(node, t);
    exact ? kernels_.integrate(neurons(node, t)) : fire(node, t, neurons(node, t));
  }
  for (std::int64_t t = 0; exact && t < task_->timesteps; ++t) {
    Neurons silent = neurons(node, t);
    silent.drive = nothing_.data();
    silent.drive_stride = 0;
    fire(node, t, silent);
  }
  finish(node);
}

void ImageRun::run_node(Index node, const program::Accumulator&) {
  start(node);
  const std::int64_t classes = planned(node).channels;
  for (std::int64_t t = 0; t < task_->timesteps; ++t) {
    deliver(node, t);
    kernels_.integrate(neurons(node, t));
    std::int32_t* wanted = task_->accumulators_at(t, classes);
    if (wanted != nullptr) std::copy_n(membrane_.begin(), classes, wanted);
  }
  finish(node);
}

void ImageRun::exchange_state(Index node) {
  auto* state = static_cast<State*>(task_->state);
  if (state == nullptr) return;
  membrane_.swap(state->membranes[static_cast<std::size_t>(node)]);
  if (planned(node).with_signs) sum_.swap(state->sums[static_cast<std::size_t>(node)]);
}

void ImageRun::start(Index node) {
  const PlannedNode& layer = planned(node);
  const auto constant = [&](const PlannedGroup& group) { return planned(group.source).signal == Signal::constant; };
  constant_drive_ = std::any_of(layer.groups.begin(), layer.groups.end(), constant);
  exchange_state(node);
  if (task_->first_timestep == 0) {
    const std::int64_t neurons = layer.positions * layer.padded;
    if (task_->state != nullptr) membrane_.resize(with_slack(neurons));
    for (std::int64_t p = 0; p < layer.positions; ++p) {
      std::copy(layer.v0.begin(), layer.v0.end(), membrane_.begin() + p * layer.padded);
    }
    if (layer.with_signs) sum_.assign(with_slack(neurons), 0);
  }
  for (std::int64_t p = 0; constant_drive_ && p < layer.positions; ++p) {
    std::copy_n(bias_at(layer, 0), layer.padded, drive_.begin() + p * layer.padded);
  }
  for (const PlannedGroup& group : layer.groups) {
    if (constant(group)) deliver(layer, group, 0, drive_.data());
  }
}

void ImageRun::deliver(Index node, std::int64_t t) {
  operations_ = 0;
  if (constant_drive_ && t > 0) change_bias(planned(node), t);
  for (const PlannedGroup& group : planned(node).groups) {
    if (planned(group.source).signal != Signal::constant) deliver(planned(node), group, t, membrane_.data());
  }
  task_->count_operations(node, t, operations_);
}

void ImageRun::change_bias(const PlannedNode& layer, std::int64_t t) {
  const std::int32_t *before = bias_at(layer, t - 1), *now = bias_at(layer, t);
  if (before == now) return;
  for (std::int64_t p = 0; p < layer.positions; ++p) {
    std::int32_t* drive = drive_.data() + p * layer.padded;
    for (std::int64_t c = 0; c < layer.padded; ++c) drive[c] = drive[c] - before[c] + now[c];
  }
}

void ImageRun::deliver(const PlannedNode& target, const PlannedGroup& group, std::int64_t t, std::int32_t* into) {
  std::int32_t* sum = group.shift.empty() ? into : current_.data();
  if (planned(group.source).signal == Signal::spikes) {
    send_spikes(target, group, t, sum);
  } else {
    send_values(target, group, t, sum);
  }
  if (!group.shift.empty()) kernels_.add_shifted(sum, group.shift.data(), into, target.positions, target.padded);
}

void ImageRun::fire(Index node, std::int64_t t, const Neurons& neurons) {
  const PlannedNode& layer = planned(node);
  const auto count = [&](const std::uint64_t* spikes) {
    if (task_->counts()) task_->count_spikes(node, t, kernels_.count_spikes(spikes, layer.positions * layer.words));
  };
  (layer.with_signs ? kernels_.fire_signed : kernels_.fire)(neurons);
  count(neurons.bits);
  if (layer.with_signs) count(neurons.negative);
  LayerRecord* record = task_->record(node);
  if (record == nullptr) return;
  record_bits(layer, neurons.bits, record->row(task_->image, t));
  if (layer.with_signs) {
    record_bits(layer, neurons.negative, record->row(task_->image, t));
    record_bits(layer, neurons.negative, record->negative_row(task_->image, t));
  }
  if (!record->membranes.empty()) record_membrane(layer, membrane_.data(), record->membrane_row(task_->image, t));
}

Neurons ImageRun::neurons(Index node, std::int64_t t) {
  const PlannedNode& layer = planned(node);
  const std::int32_t* drive = constant_drive_ ? drive_.data() : bias_at(layer, t);
  const std::int64_t stride = constant_drive_ ? layer.padded : 0;
  return {membrane_.data(), drive,         stride,      layer.theta.data(), layer.positions,
          layer.padded,     bits(node, t), layer.words, sum_.data(),        negative(node, t)};
}

std::uint64_t* ImageRun::plane(std::vector<std::vector<std::uint64_t>>& planes, Index node, std::int64_t t) {
  auto& all = planes[static_cast<std::size_t>(node)];
  return all.empty() ? nullptr : all.data() + t * planned(node).positions * planned(node).words;
}

const std::int32_t* ImageRun::values(Index node, std::int64_t t) {
  if (planned(node).signal == Signal::counts) make_counts(node, t);
  return values_[static_cast<std::size_t>(node)].data();
}

void ImageRun::make_counts(Index node, std::int64_t t) {
  const auto no_counts = [] { ensure(false, "cpu: a node that hands on no counts was read as if it did"); };
  program::visit_kind(
      program_.nodes[static_cast<std::size_t>(node)].kind, [&](const program::InputNode&) { no_counts(); },
      [&](const program::IfLayer&) { no_counts(); }, [&](const program::SumPool& pool) { pool_values(node, pool, t); },
      [&](const program::OrPool&) { no_counts(); }, [&](const program::Accumulator&) { no_counts(); });
}

void ImageRun::pool_values(Index node, const program::SumPool& pool, std::int64_t t) {
  const PlannedNode &source = planned(pool.source), &target = planned(node);
  std::int32_t* pooled = values_[static_cast<std::size_t>(node)].data();
  if (source.signal == Signal::spikes) {
    sum_spikes(pool.window, source, target, {bits(pool.source, t), negative(pool.source, t)}, pooled);
  } else {
    sum_values(pool.window, source, target, values(pool.source, t), pooled);
  }
}

}  // namespace neurocuda::runtime::cpu
