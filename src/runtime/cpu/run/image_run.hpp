#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "runtime/cpu/run/pools.hpp"
#include "runtime/cpu/run/synapse_path.hpp"
#include "runtime/cpu/run/team.hpp"
#include "runtime/cpu/run/tile_run.hpp"

namespace neurocuda::runtime::cpu {

/// What the nodes of a network keep of one image between blocks of timesteps, by node. Membranes and sums are laid out
/// as the kernels have them.
struct State : ImageState {
  explicit State(const Plan& plan) : membranes(plan.nodes.size()), sums(plan.nodes.size()), pools(plan.nodes.size()) {}
  std::vector<Aligned<std::int32_t>> membranes;  ///< the accumulator's too
  std::vector<Aligned<std::int32_t>> sums;       ///< of the spikes of signed neurons
  std::vector<std::optional<CountPool>> pools;
};

struct RunSetup {
  int timesteps;  ///< so many fit its memory
  int threads;
  SynapsePath path;
};

/// Runs images one after the other; holds their memory, which grows with T but not with the batch.
///
/// No layer reads a later one, so a layer's T timesteps can all run before the next layer starts, and, since its
/// neurons do not read each other, those of one Tile of it before those of the next: the same integers as with the
/// timesteps outside, but its weights and membranes stay in the cache. Several threads share the tiles of a layer.
class ImageRun {
 public:
  ImageRun(const program::Program& program, const Plan& plan, const DenseConvs& dense, const Kernels& kernels,
           const RunSetup& setup);

  void run(const ImageTask& task);
  bool fits(const ImageTask& task) const { return task.timesteps <= setup_.timesteps; }

 private:
  using Index = program::NodeIndex;

  // All threads call these; what only one has to do member 0 does.
  void run_node(Index node, const program::InputNode& input, int member);
  void run_node(Index node, const program::IfLayer& layer, int member);
  void run_node(Index node, const program::SumPool& pool, int member);
  void run_node(Index node, const program::OrPool& pool, int member);
  void run_node(Index node, const program::Accumulator& output, int member);
  template <class Run>
  void run_tiles(Index node, int member, const Run& run);

  /// Membranes as the block before left them, and room for the lists of all spikes.
  void start(Index node);
  void prepare_lists(const PlannedNode& layer);
  /// Whether the spikes of the dense group (so many in the block) are multiplied instead of listed.
  bool is_dense(const PlannedNode& layer, std::int64_t spikes) const;
  /// Takes a node's membranes and sums from the State of a block, or gives them back.
  void exchange_state(Index node);
  /// Bookkeeping of the layer that runs, where counts and records are wanted.
  void finish(Index node);
  void count_operations(Index node);
  std::int64_t operations(const PlannedNode& target, std::size_t group, std::int64_t t);
  const PlannedNode& planned(Index node) const { return plan_.nodes[static_cast<std::size_t>(node)]; }

  const program::Program& program_;
  const Plan& plan_;
  const Kernels& kernels_;
  RunSetup setup_;
  const ImageTask* task_ = nullptr;

  Signals signals_;
  LayerState layer_;
  Team team_;
  std::vector<std::unique_ptr<TileRun>> tiles_;  // by thread
  std::vector<SpikeLists*> to_list_;             // of the layer that runs
};

}  // namespace neurocuda::runtime::cpu
