// The way of a tile through the timesteps; what its groups do stands in tile_send.cpp.
#include "runtime/cpu/run/tile_run.hpp"

#include <algorithm>

#include "runtime/cpu/plan/layout.hpp"

namespace neurocuda::runtime::cpu {
namespace {

std::int64_t largest_tile(const Plan& plan) {
  std::int64_t largest = 0;
  for (const PlannedNode& node : plan.nodes) {
    for (const Tile& tile : node.tiles) largest = std::max(largest, tile.rows * node.width * node.padded);
  }
  return largest;
}

}  // namespace

TileRun::TileRun(const Plan& plan, const DenseConvs& dense, const Kernels& kernels, Signals& signals, LayerState& layer)
    : plan_(plan),
      dense_(dense),
      kernels_(kernels),
      signals_(signals),
      layer_(layer),
      gathered_(with_slack(plan.max_gathered)),
      sent_values_(plan),
      constants_(dense, kernels) {
  for (auto* values : {&current_, &constant_, &drive_, &nothing_}) values->resize(with_slack(largest_tile(plan)));
}

void TileRun::start(Index node, const Tile& tile, const ImageTask& task) {
  task_ = &task;
  if (task.first_timestep == 0) start_state(planned(node), tile);
  drive_bias_ = nullptr;
  make_constants(node, tile);
}

void TileRun::make_constants(Index node, const Tile& tile) {
  const PlannedNode& layer = planned(node);
  has_constants_ = false;
  for (std::size_t i = 0; i < layer.groups.size(); ++i) {
    const PlannedGroup& group = layer.groups[i];
    const PlannedNode& source = planned(group.source);
    if (source.signal != Signal::constant) continue;
    if (!has_constants_) std::fill_n(constant_.begin(), tile.rows * layer.width * layer.padded, 0);
    has_constants_ = true;
    if (group.shift.empty() && constants_.can(source, group)) {
      constants_.add({node, i, tile.first_row, tile.rows}, source, layer, signals_.values(group.source, 0),
                     constant_.data());
    } else {
      send(layer, i, tile, 0, constant_.data());
    }
  }
}

void TileRun::start_state(const PlannedNode& layer, const Tile& tile) {
  const std::int64_t first = tile.first_row * layer.width;
  for (std::int64_t p = first; p < first + tile.rows * layer.width; ++p) {
    const std::int64_t at = p * layer.padded + tile.first_channel;
    std::copy_n(layer.v0.begin() + tile.first_channel, tile.channels, layer_.membrane.begin() + at);
    if (layer.with_signs) std::fill_n(layer_.sum.begin() + at, tile.channels, 0);
  }
}

void TileRun::fire(Index node, const Tile& tile, const ImageTask& task) {
  start(node, tile, task);
  if (task.mode == Mode::exact) {
    fire_behind_all(node, tile);
  } else if (layer_.dense) {
    fire_densely(node, tile);
  } else {
    fire_at_once(node, tile);
  }
}

void TileRun::fire_at_once(Index node, const Tile& tile) {
  const PlannedNode& layer = planned(node);
  const bool slides = layer.firing_group >= 0;
  for (std::int64_t t = 0; t < task_->timesteps; ++t) {
    deliver(layer, tile, t, slides ? Apart{layer.firing_group, layer.firing_skip} : Apart{});
    if (slides) {
      slide_and_fire(node, tile, t);
    } else {
      (layer.with_signs ? kernels_.fire_signed : kernels_.fire)(neurons(node, tile, t));
    }
    record(node, tile, t);
  }
}

void TileRun::fire_behind_all(Index node, const Tile& tile) {
  const PlannedNode& layer = planned(node);
  for (std::int64_t t = 0; t < task_->timesteps; ++t) {
    deliver(layer, tile, t, {});
    kernels_.integrate(neurons(node, tile, t));
  }
  for (std::int64_t t = 0; t < task_->timesteps; ++t) {
    Neurons silent = neurons(node, tile, t);
    silent.drive = nothing_.data();
    silent.drive_stride = 0;
    (layer.with_signs ? kernels_.fire_signed : kernels_.fire)(silent);
    record(node, tile, t);
  }
}

void TileRun::accumulate(Index node, const Tile& tile, const ImageTask& task) {
  const PlannedNode& layer = planned(node);
  start(node, tile, task);
  for (std::int64_t t = 0; t < task.timesteps; ++t) {
    deliver(layer, tile, t, {});
    kernels_.integrate(neurons(node, tile, t));
    std::int32_t* wanted = task.accumulators_at(t, layer.channels);
    if (wanted == nullptr) continue;
    const std::int64_t count = std::min(tile.channels, layer.channels - tile.first_channel);
    std::copy_n(layer_.membrane.begin() + tile.first_channel, count, wanted + tile.first_channel);
  }
}

void TileRun::record(Index node, const Tile& tile, std::int64_t t) {
  LayerRecord* record = task_->record(node);
  if (record == nullptr || record->membranes.empty()) return;
  record_membrane(planned(node), tile, layer_.membrane.data(), record->membrane_row(task_->image, t));
}

Neurons TileRun::neurons(Index node, const Tile& tile, std::int64_t t) {
  const PlannedNode& layer = planned(node);
  const std::int64_t position = tile.first_row * layer.width, at = position * layer.padded + tile.first_channel;
  const Drive drive = drive_at(layer, tile, t);
  const std::int64_t word = position * layer.words + tile.first_channel / 64;
  const auto from = [&](std::uint64_t* plane) { return plane == nullptr ? nullptr : plane + word; };
  return {layer_.membrane.data() + at,
          layer.padded,
          drive.at,
          drive.stride,
          layer.theta.data() + tile.first_channel,
          tile.rows * layer.width,
          tile.channels,
          from(signals_.bits(node, t)),
          layer.words,
          layer.with_signs ? layer_.sum.data() + at : nullptr,
          from(signals_.negative(node, t))};
}

TileRun::Drive TileRun::drive_at(const PlannedNode& layer, const Tile& tile, std::int64_t t) {
  const std::int32_t* bias = bias_at(layer, t);
  if (!has_constants_) return {bias + tile.first_channel, 0};
  make_drive(layer, tile, bias);
  return {drive_.data() + tile.first_channel, layer.padded};
}

void TileRun::make_drive(const PlannedNode& layer, const Tile& tile, const std::int32_t* bias) {
  if (drive_bias_ == bias) return;
  drive_bias_ = bias;
  const std::int32_t* from = constant_.data();
  std::int32_t* to = drive_.data();
  for (std::int64_t p = 0; p < tile.rows * layer.width; ++p, from += layer.padded, to += layer.padded) {
    for (std::int64_t c = 0; c < layer.padded; ++c) to[c] = from[c] + bias[c];
  }
}

}  // namespace neurocuda::runtime::cpu
