#pragma once

#include <cstdint>
#include <vector>

#include "runtime/gpu/memory_plan.hpp"
#include "runtime/gpu/network_plan.hpp"
#include "runtime/gpu/run_shape.hpp"

namespace neurocuda::runtime::gpu {

/// Byte offsets of one node's buffers in a run's memory; kNoBuffer where it has none.
struct NodeBuffers {
  static constexpr std::int64_t kNoBuffer = -1;
  std::int64_t input = kNoBuffer;      ///< int8, as the host has it
  std::int64_t values = kNoBuffer;     ///< what the node sends; the last layer: its accumulators
  std::int64_t last = kNoBuffer;       ///< the last layer's accumulators after the last timestep, where these do
  std::int64_t drive = kNoBuffer;      ///< constant current and bias
  std::int64_t sums = kNoBuffer;       ///< Counter, by timestep and position; none unless counts are wanted
  std::int64_t record = kNoBuffer;     ///< spikes as a LayerRecord has them
  std::int64_t membranes = kNoBuffer;  ///< int32, as a LayerRecord has them
};

/// The device memory of a run, planned before it starts.
struct Buffers {
  std::vector<NodeBuffers> nodes;
  std::int64_t total = 0;             ///< bytes
  std::int64_t largest_elements = 0;  ///< of any buffer; kernels index some with 32 bits
};

/// A node's values live from when they are made until their last reader has run; everything else only while its node
/// runs.
Buffers plan_buffers(const program::Program& program, const NetworkPlan& plan, const RunShape& run);

/// 32-bit words of one image and timestep of a LayerRecord.
std::int64_t record_words(const PlannedNode& node);

}  // namespace neurocuda::runtime::gpu
