#pragma once

#include <vector>

#include "neurocuda/program/node_traits.hpp"
#include "runtime/reference/pools.hpp"
#include "runtime/reference/synapses.hpp"
#include "runtime/run_images.hpp"

namespace neurocuda::runtime::reference {

/// What the nodes of a network keep of one image between timesteps, by node.
struct State : ImageState {
  explicit State(const program::Program& program);
  std::vector<Values> membranes;     ///< the accumulator's too
  std::vector<Values> sums;          ///< of each neuron's spikes so far
  std::vector<PooledCounts> pooled;  ///< of max pools of counts
};

/// One image through the whole network, as docs/architecture.md ("The arithmetic") has it.
class ImageRun {
 public:
  /// `signals` are the program::signals() of the Program.
  ImageRun(const program::Program& program, const std::vector<program::Signal>& signals, const ImageTask& task,
           State& state);

  /// Every node at t before any at t + 1.
  void run_synchronous();
  /// Every timestep of a node before the next node; layers accumulate, then fire.
  void run_exact();

 private:
  using Index = program::NodeIndex;

  void step(Index node, std::int64_t t, const program::InputNode& input);
  void step(Index node, std::int64_t t, const program::IfLayer& layer);
  void step(Index node, std::int64_t t, const program::SumPool& pool);
  void step(Index node, std::int64_t t, const program::OrPool& pool);
  void step(Index node, std::int64_t t, const program::Accumulator& output);

  /// All timesteps of a node in exact mode.
  void run_exact(Index node, const program::InputNode& input) { step_by_step(node, input); }
  void run_exact(Index node, const program::IfLayer& layer);
  void run_exact(Index node, const program::SumPool& pool) { step_by_step(node, pool); }
  void run_exact(Index node, const program::OrPool& pool) { step_by_step(node, pool); }
  void run_exact(Index node, const program::Accumulator& output) { step_by_step(node, output); }
  template <class Kind>
  void step_by_step(Index node, const Kind& kind) {
    for (std::int64_t t = 0; t < task_.timesteps; ++t) step(node, t, kind);
  }

  /// a[t] of a node: what arrives through all its groups, counted.
  Values current(Index node, std::int64_t t);
  void fire_and_record(Index node, std::int64_t t, const program::IfLayer& layer);

  const Shape& shape(Index node) const;
  Values& values(Index node, std::int64_t t);
  Values& membrane(Index node) { return state_.membranes[static_cast<std::size_t>(node)]; }

  const program::Program& program_;
  const std::vector<program::Signal>& signals_;
  const ImageTask& task_;
  State& state_;
  std::vector<std::vector<Values>> values_;  // by node and timestep; only the current timestep when synchronous
};

}  // namespace neurocuda::runtime::reference
