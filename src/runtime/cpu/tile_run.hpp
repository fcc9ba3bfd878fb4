#pragma once

#include <vector>

#include "runtime/cpu/kernels/kernels.hpp"
#include "runtime/cpu/layer_state.hpp"
#include "runtime/cpu/sent_values.hpp"
#include "runtime/cpu/signals.hpp"

namespace neurocuda::runtime::cpu {

/// Runs tiles of layers through all timesteps of a block, one after the other; holds one thread's scratch memory. Tiles
/// of one layer may run at the same time, in several of these.
class TileRun {
 public:
  using Index = program::NodeIndex;

  TileRun(const Plan& plan, const Kernels& kernels, Signals& signals, LayerState& layer);

  /// Neurons fire as `task.mode` says.
  void fire(Index node, const Tile& tile, const ImageTask& task);
  /// The last layer only integrates.
  void accumulate(Index node, const Tile& tile, const ImageTask& task);

 private:
  void start(const PlannedNode& layer, const Tile& tile, const ImageTask& task);
  void fire_at_once(Index node, const Tile& tile);
  void fire_behind_all(Index node, const Tile& tile);
  void record(Index node, const Tile& tile, std::int64_t t);

  const std::int32_t* bias_at(const PlannedNode& node, std::int64_t t) const {
    return node.bias_at(task_->first_timestep + t);
  }
  /// Adds to the membranes what all sources that are not constant send at t; without those of the group that fires,
  /// when it is going to.
  void deliver(const PlannedNode& target, const Tile& tile, std::int64_t t, bool fires);
  void slide_and_fire(Index node, const Tile& tile, std::int64_t t);
  /// `into` is the tile's first row, with all of its channels.
  void send(const PlannedNode& target, std::size_t group, const Tile& tile, std::int64_t t, std::int32_t* into);
  void send_diagonal(const PlannedNode& target, const PlannedGroup& group, const Tile& tile, std::int64_t t,
                     std::int32_t* into);
  void send_lists(const PlannedNode& target, std::size_t group, const Tile& tile, std::int64_t t, bool negative,
                  std::int32_t* into);
  void slide(const PlannedNode& target, const PackedConv& conv, const WindowWeights& window, const Tile& tile,
             const ColumnList& spikes, bool negative, std::int32_t* into);
  void send_values(const PlannedNode& target, const PlannedGroup& group, const Tile& tile, std::int64_t t,
                   std::int32_t* into);

  Neurons neurons(Index node, const Tile& tile, std::int64_t t);
  /// The constant currents of the tile and the bias of a timestep.
  void make_drive(const PlannedNode& layer, const Tile& tile, const std::int32_t* bias);
  const PlannedNode& planned(Index node) const { return plan_.nodes[static_cast<std::size_t>(node)]; }

  const Plan& plan_;
  const Kernels& kernels_;
  Signals& signals_;
  LayerState& layer_;
  const ImageTask* task_ = nullptr;

  Aligned<std::int32_t> current_;  // zero between uses
  bool has_constants_ = false;
  Aligned<std::int32_t> constant_;  // what constant sources send to the tile
  Aligned<std::int32_t> drive_;     // that, and the bias at drive_bias_
  const std::int32_t* drive_bias_ = nullptr;
  Aligned<std::int32_t> nothing_;
  std::vector<std::uint32_t> gathered_;
  SentValues sent_values_;
};

}  // namespace neurocuda::runtime::cpu
