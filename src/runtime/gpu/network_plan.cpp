#include "runtime/gpu/network_plan.hpp"

#include <algorithm>

#include "neurocuda/program/constant_current.hpp"
#include "runtime/fan_out.hpp"
#include "runtime/gpu/tensor_core_plan.hpp"

namespace neurocuda::runtime::gpu {
namespace {

using program::Conv;
using program::Diagonal;
using program::Linear;
using program::Node;
using program::Program;

Held held_by(const Node& node, bool constant) {
  if (constant) return Held::constant;
  return node.as<program::SumPool>() ? Held::counts : Held::spikes;
}

PlannedNode plan_shape(const Node& node) {
  PlannedNode planned;
  planned.channels = static_cast<int>(program::channels(node.shape));
  if (node.shape.size() == 3) {
    planned.height = static_cast<int>(node.shape[1]);
    planned.width = static_cast<int>(node.shape[2]);
  }
  planned.words = spike_words(planned.channels);
  planned.stride = spike_stride(planned.words);
  return planned;
}

void plan_connection(const Conv& conv, const PlannedNode&, PlannedGroup& group) {
  group.window = device_window(conv.window);
  group.groups = static_cast<int>(conv.groups);
  group.inputs = static_cast<int>(conv.weight.extent(1));
  group.outputs = static_cast<int>(conv.weight.extent(0) / conv.groups);
}

/// A linear map reads its source in (C, H, W) order: so does a convolution whose window is the source.
void plan_connection(const Linear& linear, const PlannedNode& source, PlannedGroup& group) {
  group.window.kernel_h = source.height;
  group.window.kernel_w = source.width;
  group.inputs = source.channels;
  group.outputs = static_cast<int>(linear.weight.extent(0));
}

void plan_connection(const Diagonal&, const PlannedNode&, PlannedGroup& group) { group.diagonal = true; }

PlannedGroup plan_group(const program::SynapseGroup& group, const Program& program, const Shape& target,
                        NetworkPlan& plan) {
  const auto source = static_cast<std::size_t>(group.source);
  PlannedGroup planned;
  planned.source = group.source;
  planned.constant = plan.nodes[source].held == Held::constant;
  planned.shifted = std::any_of(group.shift.begin(), group.shift.end(), [](std::uint8_t e) { return e != 0; });
  planned.shift = plan.constants.add(group.shift);
  planned.fan_out = plan.constants.add(fan_out(program.nodes[source].shape, target, group.connection));
  std::visit(
      [&](const auto& connection) {
        plan_connection(connection, plan.nodes[source], planned);
        planned.weight =
            plan.constants.add(connection.weight.data(), static_cast<std::size_t>(connection.weight.size()));
      },
      group.connection);
  return planned;
}

void plan_neurons(const Node& node, PlannedNode& planned, Constants& constants) {
  if (const auto* layer = node.as<program::IfLayer>()) {
    planned.bias = constants.add(layer->bias);
    planned.theta = constants.add(layer->theta);
    planned.v0 = constants.add(layer->v0);
  } else if (const auto* output = node.as<program::Accumulator>()) {
    planned.bias = constants.add(output->bias);
  }
}

}  // namespace

program::NodeIndex spikes_behind(const PlannedGroup& group, const NetworkPlan& plan) {
  const auto& pool = plan.nodes[static_cast<std::size_t>(group.source)].sum_pool;
  return pool ? pool->source : group.source;
}

NetworkPlan plan_network(const Program& program, const DeviceLimits& limits, KernelChoice choice) {
  const std::vector<bool> constant = program::constant_nodes(program);
  NetworkPlan plan;
  for (std::size_t i = 0; i < program.nodes.size(); ++i) {
    const Node& node = program.nodes[i];
    PlannedNode planned = plan_shape(node);
    planned.held = held_by(node, constant[i]);
    for (const program::SynapseGroup& group : program::groups_of(node)) {
      planned.groups.push_back(plan_group(group, program, node.shape, plan));
    }
    if (const auto* pool = node.as<program::SumPool>())
      planned.sum_pool = PlannedPool{pool->source, device_window(pool->window)};
    plan_neurons(node, planned, plan.constants);
    const auto* layer = node.as<program::IfLayer>();
    if (layer != nullptr && choice == KernelChoice::fastest) {
      planned.tensor_cores = plan_tensor_cores(*layer, planned, plan, limits);
    }
    plan.nodes.push_back(std::move(planned));
  }
  return plan;
}

}  // namespace neurocuda::runtime::gpu
