#pragma once

#include <vector>

#include "runtime/reference/synapses.hpp"
#include "runtime/run_images.hpp"

namespace neurocuda::runtime::reference {

/// One image through the whole network, as docs/architecture.md ("The arithmetic") has it.
class ImageRun {
 public:
  /// `constant`: for every node, whether its value is a constant current (program::constant_nodes).
  ImageRun(const program::Program& program, const std::vector<bool>& constant, const ImageTask& task);

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
  void accumulate_then_fire(Index node, const program::IfLayer& layer);

  /// a[t] of a node: what arrives through all its groups, counted.
  Values current(Index node, std::int64_t t);
  void fire_and_record(Index node, std::int64_t t, const program::IfLayer& layer);

  const Shape& shape(Index node) const;
  Values& values(Index node, std::int64_t t);
  Values& membrane(Index node) { return membranes_[static_cast<std::size_t>(node)]; }

  const program::Program& program_;
  const std::vector<bool>& constant_;
  const ImageTask& task_;
  std::vector<Values> membranes_;            // by node; the accumulator's too
  std::vector<std::vector<Values>> values_;  // by node and timestep; only the current timestep when synchronous
};

}  // namespace neurocuda::runtime::reference
