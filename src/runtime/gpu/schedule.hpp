#pragma once

#include <vector>

#include "runtime/gpu/buffers.hpp"

namespace neurocuda::runtime::gpu {

/// Where a run's things are on the device.
struct Addresses {
  char* memory = nullptr;           ///< Buffers::total bytes
  const char* constants = nullptr;  ///< NetworkPlan::constants
  Synapses* synapses = nullptr;     ///< Schedule::synapses
  Counter* activity = nullptr;      ///< [spikes, synaptic operations][node][timestep]
};

/// Results to be fetched once the kernels before have run; one stretch of memory per image.
struct Fetch {
  enum class What { accumulators, spikes, membranes };
  What what = What::accumulators;
  program::NodeIndex node = 0;
  const char* from = nullptr;
  std::size_t bytes_per_image = 0;
};

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
