#pragma once

#include <vector>

#include "runtime/cpu/kernels/kernels.hpp"
#include "runtime/cpu/plan/dense_convs.hpp"
#include "runtime/cpu/run/constant_currents.hpp"
#include "runtime/cpu/run/layer_state.hpp"
#include "runtime/cpu/run/sent_values.hpp"
#include "runtime/cpu/run/signals.hpp"

namespace neurocuda::runtime::cpu {

/// Runs tiles of layers through all timesteps of a block, one after the other; holds one thread's scratch memory. Tiles
/// of one layer may run at the same time, in several of these.
class TileRun {
 public:
  using Index = program::NodeIndex;

  TileRun(const Plan& plan, const DenseConvs& dense, const Kernels& kernels, Signals& signals, LayerState& layer);

  /// Neurons fire as `task.mode` says.
  void fire(Index node, const Tile& tile, const ImageTask& task);
  /// The last layer only integrates.
  void accumulate(Index node, const Tile& tile, const ImageTask& task);

 private:
  void start(Index node, const Tile& tile, const ImageTask& task);
  /// Membranes at v0, sums at 0.
  void start_state(const PlannedNode& layer, const Tile& tile);
  void fire_at_once(Index node, const Tile& tile);
  /// The same, with the dense group's spikes as products of kDenseSteps timesteps at a time.
  void fire_densely(Index node, const Tile& tile);
  void drive_densely(const PlannedNode& layer, const Tile& tile, std::int64_t first, std::int64_t steps);
  /// The spikes under the row of outputs, as bytes.
  void spread_spikes(const PlannedNode& layer, const DenseConv& dense, const Tile& tile, std::int64_t first,
                     std::int64_t steps);
  /// Adds their products to the drive.
  void multiply(const PlannedNode& layer, const std::vector<DenseConv>& convs, const Tile& tile, std::int64_t steps);
  void fire_behind_all(Index node, const Tile& tile);
  void record(Index node, const Tile& tile, std::int64_t t);

  const std::int32_t* bias_at(const PlannedNode& node, std::int64_t t) const {
    return node.bias_at(task_->first_timestep + t);
  }
  /// Groups whose spikes come another way.
  struct Apart {
    int group = -1, skip = -1;
  };
  /// Adds to the membranes what all sources that are not constant and not apart send at t.
  void deliver(const PlannedNode& target, const Tile& tile, std::int64_t t, const Apart& apart);
  void slide_and_fire(Index node, const Tile& tile, std::int64_t t);
  /// `into` is the tile's first row, with all of its channels.
  void send(const PlannedNode& target, std::size_t group, const Tile& tile, std::int64_t t, std::int32_t* into);
  void send_diagonal(const PlannedNode& target, const PlannedGroup& group, const Tile& tile, std::int64_t t,
                     std::int32_t* into);
  void send_lists(const PlannedNode& target, std::size_t group, const Tile& tile, std::int64_t t, std::int32_t* into);
  void send_values(const PlannedNode& target, const PlannedGroup& group, const Tile& tile, std::int64_t t,
                   std::int32_t* into);
  /// What the constant sources send to a tile at every timestep, into constant_.
  void make_constants(Index node, const Tile& tile);

  Neurons neurons(Index node, const Tile& tile, std::int64_t t);
  /// Of the tile at t, [position][stride], from its first channel on; stride 0: the same everywhere.
  struct Drive {
    const std::int32_t* at;
    std::int64_t stride;
  };
  Drive drive_at(const PlannedNode& layer, const Tile& tile, std::int64_t t);
  /// The constant currents of the tile and the bias of a timestep.
  void make_drive(const PlannedNode& layer, const Tile& tile, const std::int32_t* bias);
  const PlannedNode& planned(Index node) const { return plan_.nodes[static_cast<std::size_t>(node)]; }

  static constexpr std::int64_t kDenseSteps = 8;

  const Plan& plan_;
  const DenseConvs& dense_;
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
  Aligned<std::int32_t> dense_drive_;  // [timestep][output][channels of the tile]
  Aligned<std::uint8_t> dense_plane_;  // [timestep][row under the window][column][channels of the source]
  std::vector<std::uint32_t> gathered_;
  SentValues sent_values_;
  ConstantCurrents constants_;
};

}  // namespace neurocuda::runtime::cpu
