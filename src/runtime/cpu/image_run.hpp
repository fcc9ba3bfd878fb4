#pragma once

#include <vector>

#include "runtime/cpu/kernels.hpp"
#include "runtime/cpu/plan.hpp"
#include "runtime/run_images.hpp"

namespace neurocuda::runtime::cpu {

/// Runs images one after the other; holds one worker's scratch memory, which grows with T but not with the batch.
///
/// No layer reads a later one, so a layer's T timesteps can all run before the next layer starts: the same integers as
/// with the timesteps outside, but its weights and membranes stay in the cache.
class ImageRun {
 public:
  ImageRun(const program::Program& program, const Plan& plan, const Kernels& kernels, int timesteps);

  void run(const ImageTask& task);

 private:
  using Index = program::NodeIndex;

  void run_node(Index node, const program::InputNode& input);
  void run_node(Index node, const program::IfLayer& layer);
  void run_node(Index node, const program::SumPool& pool);
  void run_node(Index node, const program::OrPool& pool);
  void run_node(Index node, const program::Accumulator& output);

  /// Membranes at v0; where constant sources send something, it and the bias of the first timestep as the drive.
  void start(Index node);
  /// Adds to the membranes what all other sources send at t.
  void deliver(Index node, std::int64_t t);
  /// From the bias at t - 1 to that at t in the drive.
  void change_bias(const PlannedNode& layer, std::int64_t t);
  void deliver(const PlannedNode& target, const PlannedGroup& group, std::int64_t t, std::int32_t* into);
  void fire(Index node, std::int64_t t, const Neurons& neurons);

  void send_spikes(const PlannedNode& target, const PlannedGroup& group, std::int64_t t, std::int32_t* into);
  void send_values(const PlannedNode& target, const PlannedGroup& group, std::int64_t t, std::int32_t* into);
  void list_values(const PlannedNode& source, const PackedConv& conv, const std::int32_t* sent);
  Synapses synapses(const PlannedNode& target, const PackedConv& conv, std::int32_t* into);

  /// Bookkeeping of the layer that runs, where counts are wanted: `operations_` at t.
  void count_listed_spikes(const PlannedGroup& group);
  void count_values(const PlannedNode& source, const PlannedGroup& group, const std::int32_t* sent);

  Neurons neurons(Index node, std::int64_t t);
  const PlannedNode& planned(Index node) const { return plan_.nodes[static_cast<std::size_t>(node)]; }
  /// Spikes of a node at t; null for nodes that send none.
  std::uint64_t* bits(Index node, std::int64_t t);
  /// Values of a node that sends integers, [position][channels]; a sum of spikes is made here, when it is read.
  const std::int32_t* values(Index node, std::int64_t t);
  void make_counts(Index node, std::int64_t t);
  void pool_values(Index node, const program::SumPool& pool, std::int64_t t);

  const program::Program& program_;
  const Plan& plan_;
  const Kernels& kernels_;
  const ImageTask* task_ = nullptr;

  std::vector<std::vector<std::uint64_t>> bits_;   // by node: [t][position][words]
  std::vector<std::vector<std::int32_t>> values_;  // by node: [position][channels], of one timestep
  std::vector<std::int32_t> membrane_, current_;   // of the layer that runs; current_ is zero between uses
  std::vector<std::int32_t> drive_, nothing_;
  bool constant_drive_ = false;  // drive_ has what constant sources send, and the bias of the timestep
  std::vector<std::uint32_t> rows_, offsets_, gathered_;
  std::vector<std::int32_t> amounts_;
  std::int64_t operations_ = 0;
};

}  // namespace neurocuda::runtime::cpu
