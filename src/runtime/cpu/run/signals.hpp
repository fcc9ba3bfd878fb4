#pragma once

#include <cstdint>
#include <vector>

#include "runtime/cpu/plan/plan.hpp"
#include "runtime/run_images.hpp"

namespace neurocuda::runtime::cpu {

/// What the nodes of a network send for one image: spikes of all timesteps, integers of one.
class Signals {
 public:
  using Index = program::NodeIndex;

  Signals(const program::Program& program, const Plan& plan, int timesteps);

  void take_input(const ImageTask& task);
  /// Of a node whose source is constant; other sums are made when they are read.
  void pool_constants(Index node, const program::SumPool& pool) { pool_values(node, pool, 0); }

  /// Spikes of 1 of a node at t, [position][words]; null for nodes that send none.
  std::uint64_t* bits(Index node, std::int64_t t) { return plane(bits_, node, t); }
  /// Spikes of -1; null where there can be none.
  std::uint64_t* negative(Index node, std::int64_t t) { return plane(negative_, node, t); }
  /// Values of a node that sends integers, [position][channels]; a sum of spikes is made here, until the next call.
  const std::int32_t* values(Index node, std::int64_t t);

 private:
  const PlannedNode& planned(Index node) const { return plan_.nodes[static_cast<std::size_t>(node)]; }
  std::uint64_t* plane(std::vector<std::vector<std::uint64_t>>& planes, Index node, std::int64_t t);
  void make_counts(Index node, std::int64_t t);
  void pool_values(Index node, const program::SumPool& pool, std::int64_t t);

  const program::Program& program_;
  const Plan& plan_;
  std::vector<std::vector<std::uint64_t>> bits_, negative_;  // by node: [t][position][words]
  std::vector<std::vector<std::int32_t>> values_;            // by node: [position][channels], of one timestep
};

}  // namespace neurocuda::runtime::cpu
