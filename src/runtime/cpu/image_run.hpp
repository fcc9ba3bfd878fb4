#pragma once

#include <optional>
#include <vector>

#include "runtime/cpu/aligned.hpp"
#include "runtime/cpu/kernels/kernels.hpp"
#include "runtime/cpu/plan.hpp"
#include "runtime/cpu/pools.hpp"
#include "runtime/cpu/sent_values.hpp"
#include "runtime/cpu/spike_lists.hpp"
#include "runtime/run_images.hpp"

namespace neurocuda::runtime::cpu {

/// What the nodes of a network keep of one image between blocks of timesteps, by node. Membranes and sums are laid out
/// as the kernels have them.
struct State : ImageState {
  explicit State(const Plan& plan) : membranes(plan.nodes.size()), sums(plan.nodes.size()), pools(plan.nodes.size()) {}
  std::vector<Aligned<std::int32_t>> membranes;  ///< the accumulator's too
  std::vector<Aligned<std::int32_t>> sums;       ///< of the spikes of signed neurons
  std::vector<std::optional<CountPool>> pools;
};

/// Runs images one after the other; holds one worker's scratch memory, which grows with T but not with the batch.
///
/// No layer reads a later one, so a layer's T timesteps can all run before the next layer starts, and, since its
/// neurons do not read each other, those of one Tile of it before those of the next: the same integers as with the
/// timesteps outside, but its weights and membranes stay in the cache.
class ImageRun {
 public:
  ImageRun(const program::Program& program, const Plan& plan, const Kernels& kernels, int timesteps);

  void run(const ImageTask& task);
  /// So many fit its memory.
  int timesteps() const { return timesteps_; }

 private:
  using Index = program::NodeIndex;

  void run_node(Index node, const program::InputNode& input);
  void run_node(Index node, const program::IfLayer& layer);
  void run_node(Index node, const program::SumPool& pool);
  void run_node(Index node, const program::OrPool& pool);
  void run_node(Index node, const program::Accumulator& output);

  /// Membranes at v0, or as the block before left them, what constant sources send, and the lists of all spikes.
  void start(Index node);
  void send_constants(const PlannedNode& layer);
  void list_spikes(const PlannedNode& layer);
  /// Takes a node's membranes and sums from the State of a block, or gives them back.
  void exchange_state(Index node);
  void run_tile(Index node, const Tile& tile);
  void run_tile_exactly(Index node, const Tile& tile);
  void fire(Index node, const Neurons& neurons);
  void record(Index node, const Tile& tile, std::int64_t t);
  void finish(Index node);

  const std::int32_t* bias_at(const PlannedNode& node, std::int64_t t) const {
    return node.bias_at(task_->first_timestep + t);
  }
  /// Adds to the membranes of a tile what all sources that are not constant send at t; without those of the group that
  /// fires, when it is going to.
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
  /// The windows of the first row of a tile; `into` is moved to their first channel.
  WindowRow window_row(const PlannedNode& target, const PackedConv& conv, const WindowWeights& window, const Tile& tile,
                       const ColumnList& spikes, std::int32_t* into);
  void send_values(const PlannedNode& target, const PlannedGroup& group, const Tile& tile, std::int64_t t,
                   std::int32_t* into);

  /// Bookkeeping of the layer that runs, where counts are wanted.
  void count_operations(Index node);
  std::int64_t operations(const PlannedNode& target, std::size_t group, std::int64_t t);

  Neurons neurons(Index node, const Tile& tile, std::int64_t t);
  /// The constant currents of a tile and the bias of a timestep.
  void make_drive(const PlannedNode& layer, const Tile& tile, const std::int32_t* bias);
  const PlannedNode& planned(Index node) const { return plan_.nodes[static_cast<std::size_t>(node)]; }
  /// Spikes of 1 of a node at t; null for nodes that send none.
  std::uint64_t* bits(Index node, std::int64_t t) { return plane(bits_, node, t); }
  /// Spikes of -1; null where there can be none.
  std::uint64_t* negative(Index node, std::int64_t t) { return plane(negative_, node, t); }
  std::uint64_t* plane(std::vector<std::vector<std::uint64_t>>& planes, Index node, std::int64_t t);
  /// Values of a node that sends integers, [position][channels]; a sum of spikes is made here, when it is read.
  const std::int32_t* values(Index node, std::int64_t t);
  void make_counts(Index node, std::int64_t t);
  void pool_values(Index node, const program::SumPool& pool, std::int64_t t);

  const program::Program& program_;
  const Plan& plan_;
  const Kernels& kernels_;
  int timesteps_;
  const ImageTask* task_ = nullptr;

  std::vector<std::vector<std::uint64_t>> bits_, negative_;  // by node: [t][position][words]
  std::vector<std::vector<std::int32_t>> values_;            // by node: [position][channels], of one timestep

  // Of the layer that runs:
  struct GroupLists {
    std::vector<SpikeLists> spikes, taken_back;  // by convolution
  };
  std::vector<GroupLists> lists_;             // by group
  Aligned<std::int32_t> membrane_, current_;  // current_ is zero between uses
  Aligned<std::int32_t> sum_;                 // of the spikes of signed neurons
  bool has_constants_ = false;
  Aligned<std::int32_t> constant_;  // what constant sources send
  Aligned<std::int32_t> drive_;     // of one tile: that, and the bias at drive_bias_
  const std::int32_t* drive_bias_ = nullptr;
  Aligned<std::int32_t> nothing_;

  std::vector<std::uint32_t> gathered_;
  SentValues sent_values_;
};

}  // namespace neurocuda::runtime::cpu
