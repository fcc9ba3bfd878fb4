#pragma once

#include <cstdint>
#include <vector>

#include "runtime/cpu/exact/count_plan.hpp"
#include "runtime/cpu/kernels/kernels.hpp"
#include "runtime/cpu/plan/dense_convs.hpp"
#include "runtime/cpu/run/constant_currents.hpp"
#include "runtime/cpu/run/sent_values.hpp"
#include "runtime/cpu/run/team.hpp"
#include "runtime/run_images.hpp"

namespace neurocuda::runtime::cpu::exact {

/// Whether CountRun can run this: counts fit, and no spike train comes in, whose spikes have an order.
bool counts_suffice(const program::Program& program, int timesteps, const RunOptions& options);

/// Runs images one after the other in the exact mode, every layer once; holds their scratch memory, which does not grow
/// with T. The same integers as with the timesteps one by one: sums in any order, proven to fit int32. Several threads
/// share the products of a layer.
class CountRun {
 public:
  CountRun(const program::Program& program, const Plan& plan, const CountPlan& counts, const DenseConvs& dense,
           const Kernels& kernels, int threads);

  void run(const ImageTask& task);
  /// Its memory does not depend on the timesteps.
  bool fits(const ImageTask&) const { return true; }

 private:
  using Index = program::NodeIndex;

  // All threads call these; what only one has to do member 0 does.
  void run_node(Index node, const program::InputNode& input, int member);
  void run_node(Index node, const program::IfLayer& layer, int member);
  void run_node(Index node, const program::SumPool& pool, int member);
  void run_node(Index node, const program::OrPool& pool, int member);
  void run_node(Index node, const program::Accumulator& output, int member);

  /// v0, and what the biases, constant currents and spikes of the first timesteps bring: into `integral_`.
  void integrate(Index node, int timesteps, int member);
  void integrate_biases(const PlannedNode& layer, int timesteps);
  void integrate_constants(Index node, int timesteps);
  void fire(Index node);
  void report(Index node);

  /// A group of a layer, and its sources' spikes of the first `timesteps`.
  struct Delivery {
    Index target;
    std::size_t group;
    int timesteps;
  };
  void deliver(const Delivery& delivery, int member);
  void send_integers(const PlannedNode& target, const PlannedGroup& group, std::int32_t* into);
  void send_counts(const Delivery& delivery, std::int32_t* into, int member);
  /// Shares the products of a convolution among the threads.
  void add_counts(const DenseSynapses& synapses, std::int64_t out_height);
  /// The sums of the spikes of the first timesteps.
  void add_up(Index node, int timesteps);
  /// A neuron with count k spikes in the first k timesteps.
  const std::uint8_t* counts_until(Index node, int timesteps);
  /// What the convolutions of a group read, with zeros around it.
  const std::uint8_t* plane_of(const PlannedNode& source, const std::uint8_t* counts, const PackedConv& conv,
                               const DenseConv& dense);
  void count_activity(Index node);

  const PlannedNode& planned(Index node) const { return plan_.nodes[static_cast<std::size_t>(node)]; }
  std::uint8_t* counts(Index node) { return counts_[static_cast<std::size_t>(node)].data(); }
  std::int32_t* values(Index node) { return values_[static_cast<std::size_t>(node)].data(); }

  const program::Program& program_;
  const Plan& plan_;
  const CountPlan& count_plan_;
  const DenseConvs& dense_;
  const Kernels& kernels_;
  const ImageTask* task_ = nullptr;
  Team team_;

  std::vector<std::vector<std::uint8_t>> counts_;  // by node that spikes: [position][padded]
  std::vector<std::vector<std::int32_t>>
      values_;  // by node that sends integers, over all timesteps: [position][channels]
  std::vector<std::int32_t> integral_, current_;  // of the layer that runs; current_ is zero between uses
  std::vector<std::uint8_t> plane_, capped_;
  const std::uint8_t* read_ = nullptr;  // by the convolution that is shared
  SentValues sent_values_;
  ConstantCurrents constants_;
};

}  // namespace neurocuda::runtime::cpu::exact
