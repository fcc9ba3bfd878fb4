#pragma once

#include <optional>
#include <vector>

#include "neurocuda/program/program.hpp"
#include "runtime/gpu/constants.hpp"
#include "runtime/gpu/device.hpp"

namespace neurocuda::runtime::gpu {

/// A synapse group as the kernels will see it, less the addresses of a run.
struct PlannedGroup {
  program::NodeIndex source = 0;
  bool constant = false;  ///< reads a constant current
  bool diagonal = false, shifted = false;
  DeviceWindow window;
  int inputs = 0, outputs = 0, groups = 1;
  Constant<std::int8_t> weight;
  Constant<std::uint8_t> shift;
  Constant<std::int64_t> fan_out;  ///< by source position
};

/// What the tensor-core kernel needs beside.
struct TensorCorePlan {
  int columns = 64;
  std::vector<std::size_t> convolutions, skips;  ///< positions in PlannedNode::groups
  Constant<std::uint32_t> weights;
  Constant<std::int32_t> constants;
  Constant<std::int32_t> biases;  ///< of timesteps that have their own: [column block][timestep][column]
};

/// Sums of spikes under a window.
struct PlannedPool {
  program::NodeIndex source = 0;
  DeviceWindow window;
};

struct PlannedNode {
  Held held = Held::spikes;
  int channels = 0, height = 1, width = 1;
  int words = 0, stride = 0;
  int negative_at = 0;  ///< as Values has it
  std::vector<PlannedGroup> groups;
  std::optional<PlannedPool> sum_pool;
  std::optional<Constant<std::uint8_t>> takes_minimum;  ///< of a max pool of counts, where any channel does
  Constant<std::int32_t> bias;  ///< (bias_timesteps + 1, channels): of those timesteps, then of all others
  int bias_timesteps = 0;
  Constant<std::int32_t> theta, v0;
  std::optional<TensorCorePlan> tensor_cores;  ///< where the fused kernel takes the layer

  int positions() const { return height * width; }
};

/// Which kernels may be used. The simple ones alone are the oracle of the fused ones; of these, tests demand either.
enum class KernelChoice { fastest, simple, stepwise, time_batched };

/// A Program laid out for a device. Node for node.
struct NetworkPlan {
  KernelChoice choice = KernelChoice::fastest;
  std::vector<PlannedNode> nodes;
  Constants constants;
};

/// The node whose spikes the fused kernel reads for a group of `layer`: its source, or what that sums.
program::NodeIndex spikes_behind(const PlannedGroup& group, const NetworkPlan& plan);

NetworkPlan plan_network(const program::Program& program, const DeviceLimits& limits, KernelChoice choice);

}  // namespace neurocuda::runtime::gpu
