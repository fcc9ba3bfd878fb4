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
  std::size_t groups = 0;
  std::int64_t largest_tile = 0;
  for (const PlannedNode& node : plan.nodes) {
    groups = std::max(groups, node.groups.size());
    for (const Tile& tile : node.tiles) largest_tile = std::max(largest_tile, tile.rows * node.width * node.padded);
  }
  lists_.resize(groups);
  for (auto* whole : {&membrane_, &constant_}) whole->resize(with_slack(plan.max_neurons));
  for (auto* tile : {&current_, &drive_, &nothing_}) tile->resize(with_slack(largest_tile));
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
  for (const Tile& tile : planned(node).tiles)
    task_->mode == Mode::exact ? run_tile_exactly(node, tile) : run_tile(node, tile);
  finish(node);
}

void ImageRun::run_tile(Index node, const Tile& tile) {
  drive_bias_ = nullptr;
  for (std::int64_t t = 0; t < task_->timesteps; ++t) {
    const bool fires = planned(node).firing_group >= 0;
    deliver(planned(node), tile, t, fires);
    fires ? slide_and_fire(node, tile, t) : fire(node, neurons(node, tile, t));
    record(node, tile, t);
  }
}

void ImageRun::run_tile_exactly(Index node, const Tile& tile) {
  drive_bias_ = nullptr;
  for (std::int64_t t = 0; t < task_->timesteps; ++t) {
    deliver(planned(node), tile, t, false);
    kernels_.integrate(neurons(node, tile, t));
  }
  for (std::int64_t t = 0; t < task_->timesteps; ++t) {
    Neurons silent = neurons(node, tile, t);
    silent.drive = nothing_.data();
    silent.drive_stride = 0;
    fire(node, silent);
    record(node, tile, t);
  }
}

void ImageRun::run_node(Index node, const program::Accumulator&) {
  start(node);
  const std::int64_t classes = planned(node).channels;
  for (const Tile& tile : planned(node).tiles) {
    drive_bias_ = nullptr;
    for (std::int64_t t = 0; t < task_->timesteps; ++t) {
      deliver(planned(node), tile, t, false);
      kernels_.integrate(neurons(node, tile, t));
      std::int32_t* wanted = task_->accumulators_at(t, classes);
      if (wanted == nullptr) continue;
      const std::int64_t count = std::min(tile.channels, classes - tile.first_channel);
      std::copy_n(membrane_.begin() + tile.first_channel, count, wanted + tile.first_channel);
    }
  }
  exchange_state(node);
}

void ImageRun::exchange_state(Index node) {
  auto* state = static_cast<State*>(task_->state);
  if (state == nullptr) return;
  membrane_.swap(state->membranes[static_cast<std::size_t>(node)]);
  if (planned(node).with_signs) sum_.swap(state->sums[static_cast<std::size_t>(node)]);
}

void ImageRun::start(Index node) {
  const PlannedNode& layer = planned(node);
  exchange_state(node);
  if (task_->first_timestep == 0) {
    const std::int64_t neurons = layer.positions * layer.padded;
    if (task_->state != nullptr) membrane_.resize(with_slack(neurons));
    for (std::int64_t p = 0; p < layer.positions; ++p) {
      std::copy(layer.v0.begin(), layer.v0.end(), membrane_.begin() + p * layer.padded);
    }
    if (layer.with_signs) sum_.assign(with_slack(neurons), 0);
  }
  send_constants(layer);
  list_spikes(layer);
  if (task_->counts()) count_operations(node);
}

void ImageRun::send_constants(const PlannedNode& layer) {
  has_constants_ = false;
  for (std::size_t i = 0; i < layer.groups.size(); ++i) {
    if (planned(layer.groups[i].source).signal != Signal::constant) continue;
    if (!has_constants_) std::fill_n(constant_.begin(), layer.positions * layer.padded, 0);
    has_constants_ = true;
    for (const Tile& tile : layer.tiles) {
      if (tile.first_channel == 0)
        send(layer, i, tile, 0, constant_.data() + tile.first_row * layer.width * layer.padded);
    }
  }
}

void ImageRun::fire(Index node, const Neurons& neurons) {
  (planned(node).with_signs ? kernels_.fire_signed : kernels_.fire)(neurons);
}

void ImageRun::record(Index node, const Tile& tile, std::int64_t t) {
  LayerRecord* record = task_->record(node);
  if (record == nullptr || record->membranes.empty()) return;
  record_membrane(planned(node), tile, membrane_.data(), record->membrane_row(task_->image, t));
}

void ImageRun::finish(Index node) {
  const PlannedNode& layer = planned(node);
  exchange_state(node);
  LayerRecord* record = task_->record(node);
  for (std::int64_t t = 0; t < task_->timesteps; ++t) {
    for (const std::uint64_t* spikes : {bits(node, t), negative(node, t)}) {
      if (spikes == nullptr) continue;
      if (task_->counts()) task_->count_spikes(node, t, kernels_.count_spikes(spikes, layer.positions * layer.words));
      if (record != nullptr) record_bits(layer, spikes, record->row(task_->image, t));
    }
    if (record != nullptr && layer.with_signs)
      record_bits(layer, negative(node, t), record->negative_row(task_->image, t));
  }
}

Neurons ImageRun::neurons(Index node, const Tile& tile, std::int64_t t) {
  const PlannedNode& layer = planned(node);
  const std::int64_t position = tile.first_row * layer.width, at = position * layer.padded + tile.first_channel;
  const std::int32_t* bias = bias_at(layer, t);
  if (has_constants_) make_drive(layer, tile, bias);
  const std::int32_t* drive = has_constants_ ? drive_.data() : bias;
  const std::int64_t word = position * layer.words + tile.first_channel / 64;
  const auto from = [&](std::uint64_t* plane) { return plane == nullptr ? nullptr : plane + word; };
  return {membrane_.data() + at,
          layer.padded,
          drive + tile.first_channel,
          has_constants_ ? layer.padded : 0,
          layer.theta.data() + tile.first_channel,
          tile.rows * layer.width,
          tile.channels,
          from(bits(node, t)),
          layer.words,
          layer.with_signs ? sum_.data() + at : nullptr,
          from(negative(node, t))};
}

void ImageRun::make_drive(const PlannedNode& layer, const Tile& tile, const std::int32_t* bias) {
  if (drive_bias_ == bias) return;
  drive_bias_ = bias;
  const std::int32_t* from = constant_.data() + tile.first_row * layer.width * layer.padded;
  std::int32_t* to = drive_.data();
  for (std::int64_t p = 0; p < tile.rows * layer.width; ++p, from += layer.padded, to += layer.padded) {
    for (std::int64_t c = 0; c < layer.padded; ++c) to[c] = from[c] + bias[c];
  }
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
