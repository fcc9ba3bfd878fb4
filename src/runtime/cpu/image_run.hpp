#pragma once

#include <optional>
#include <vector>

#include "runtime/cpu/kernels.hpp"
#include "runtime/cpu/plan.hpp"
#include "runtime/cpu/pools.hpp"
#include "runtime/cpu/sent_values.hpp"
#include "runtime/run_images.hpp"

namespace neurocuda::runtime::cpu {

/// What the nodes of a network keep of one image between blocks of timesteps, by node. Membranes and sums are laid out
/// as the kernels have them.
struct State : ImageState {
  explicit State(const Plan& plan) : membranes(plan.nodes.size()), sums(plan.nodes.size()), pools(plan.nodes.size()) {}
  std::vector<std::vector<std::int32_t>> membranes;  ///< the accumulator's too
  std::vector<std::vector<std::int32_t>> sums;       ///< of the spikes of signed neurons
  std::vector<std::optional<CountPool>> pools;
};

/// Runs images one after the other; holds one worker's scratch memory, which grows with T but not with the batch.
///
/// No layer reads a later one, so a layer's T timesteps can all run before the next layer starts: the same integers as
/// with the timesteps outside, but its weights and membranes stay in the cache.
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

  /// Membranes at v0, or as the block before left them; where constant sources send something, it and the bias of the
  /// first timestep as the drive.
  void start(Index node);
  /// Leaves membranes and sums to the next block.
  void finish(Index node) { exchange_state(node); }
  /// Takes a node's membranes and sums from the State of a block, or gives them back.
  void exchange_state(Index node);
  const std::int32_t* bias_at(const PlannedNode& node, std::int64_t t) const {
    return node.bias_at(task_->first_timestep + t);
  }
  /// Adds to the membranes what all other sources send at t.
  void deliver(Index node, std::int64_t t);
  /// From the bias at t - 1 to that at t in the drive.
  void change_bias(const PlannedNode& layer, std::int64_t t);
  void deliver(const PlannedNode& target, const PlannedGroup& group, std::int64_t t, std::int32_t* into);
  void fire(Index node, std::int64_t t, const Neurons& neurons);

  void send_spikes(const PlannedNode& target, const PlannedGroup& group, std::int64_t t, std::int32_t* into);
  /// Those of 1, or those of -1.
  void send_bits(const PlannedNode& target, const PlannedGroup& group, const std::uint64_t* bits, bool negative,
                 std::int32_t* into);
  void send_values(const PlannedNode& target, const PlannedGroup& group, std::int64_t t, std::int32_t* into);
  Synapses synapses(const PlannedNode& target, const PackedConv& conv, const Events& events, std::int32_t* into);

  /// Bookkeeping of the layer that runs, where counts are wanted: `operations_` at t.
  void count_listed_spikes(const PlannedGroup& group);
  void count_values(const PlannedNode& source, const PlannedGroup& group, const std::int32_t* sent);

  Neurons neurons(Index node, std::int64_t t);
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
  std::vector<std::int32_t> membrane_, current_;             // of the layer that runs; current_ is zero between uses
  std::vector<std::int32_t> drive_, nothing_;
  std::vector<std::int32_t> sum_;  // of the spikes of signed neurons
  bool constant_drive_ = false;    // drive_ has what constant sources send, and the bias of the timestep
  std::vector<std::uint32_t> rows_, offsets_, gathered_;
  SentValues sent_values_;
  std::int64_t operations_ = 0;
};

}  // namespace neurocuda::runtime::cpu
