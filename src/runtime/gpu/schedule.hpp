#pragma once

#include <vector>

#include "neurocuda/runtime/spike_record.hpp"
#include "runtime/gpu/buffers.hpp"
#include "runtime/gpu/carried_state.hpp"

namespace neurocuda::runtime::gpu {

/// The state that a block of timesteps finds and leaves; without a plan none.
struct CarriedState {
  const CarriedPlan* plan = nullptr;
  char* memory = nullptr;  ///< CarriedPlan::total bytes

  std::int32_t* at(std::int64_t offset) const { return reinterpret_cast<std::int32_t*>(memory + offset); }
  std::int32_t* values(std::size_t node) const { return plan == nullptr ? nullptr : at(plan->nodes[node].values); }
  /// Null also where the node has none.
  std::int32_t* sums(std::size_t node) const {
    return plan == nullptr || plan->nodes[node].sums == CarriedNode::kNone ? nullptr : at(plan->nodes[node].sums);
  }
};

/// Where a run's things are on the device.
struct Addresses {
  char* memory = nullptr;           ///< Buffers::total bytes
  const char* constants = nullptr;  ///< NetworkPlan::constants
  Synapses* synapses = nullptr;     ///< Schedule::synapses
  Counter* activity = nullptr;      ///< [spikes, synaptic operations][node][timestep]
  CarriedState carried{};           ///< of a block of timesteps
};

/// Results to be fetched once the kernels before have run; one stretch of memory per image.
struct Fetch {
  enum class What { accumulators, spikes, negative_spikes, membranes };
  What what = What::accumulators;
  program::NodeIndex node = 0;
  const char* from = nullptr;
  std::size_t bytes_per_image = 0;
};
/// Where the spikes or membranes that a fetch brings go in a record, from an image on.
void* recorded_row(const Fetch& fetch, LayerRecord& record, std::int64_t image);

/// Kernels in order, then what can be fetched.
struct Part {
  std::vector<Kernel> kernels;
  std::vector<Fetch> fetches;
};

/// One pass of a batch through the network, in order: one part for a run without a record, otherwise one per layer.
/// Kernels are for RunShape::images images; fewer may be set.
struct Schedule {
  std::vector<Part> parts;
  std::vector<Synapses> synapses;  ///< read by the kernels at Addresses::synapses
};

/// How many Synapses a schedule of this plan has.
std::size_t synapse_count(const NetworkPlan& plan);

Schedule make_schedule(const program::Program& program, const NetworkPlan& plan, const Buffers& buffers,
                       const RunShape& run, const DeviceLimits& limits, const Addresses& addresses);

}  // namespace neurocuda::runtime::gpu
