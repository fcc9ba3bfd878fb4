#include "runtime/gpu/network_plan.hpp"

#include <algorithm>

#include "neurocuda/base/error.hpp"
#include "neurocuda/program/biases.hpp"
#include "neurocuda/program/node_traits.hpp"
#include "runtime/fan_out.hpp"
#include "runtime/gpu/tensor_core_plan.hpp"

namespace neurocuda::runtime::gpu {
namespace {

using program::Conv;
using program::Diagonal;
using program::Linear;
using program::Node;
using program::Program;

/// The last layer's sums are held like counts, although nobody reads them.
Held held_as(program::Signal signal) {
  switch (signal) {
    case program::Signal::constant:
      return Held::constant;
    case program::Signal::spikes:
      return Held::spikes;
    case program::Signal::counts:
    case program::Signal::nothing:
      return Held::counts;
  }
  throw InternalError("internal error: gpu: an unknown signal");
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

template <class Layer>
void plan_biases(const Layer& layer, PlannedNode& planned, NetworkPlan& plan) {
  planned.bias_timesteps = static_cast<int>(program::bias_timesteps(layer));
  std::vector<std::int32_t> rows;
  for (std::int64_t t = 0; t <= planned.bias_timesteps; ++t) {
    const std::vector<std::int32_t> row = program::biases_at(layer, t);
    rows.insert(rows.end(), row.begin(), row.end());
  }
  planned.bias = plan.constants.add(rows);
}

/// What is particular to the kind.
struct PlanKind {
  PlannedNode& planned;
  NetworkPlan& plan;
  const DeviceLimits& limits;
  KernelChoice choice;

  void operator()(const program::InputNode&) const {}
  void operator()(const program::IfLayer& layer) const {
    plan_biases(layer, planned, plan);
    planned.theta = plan.constants.add(layer.theta);
    planned.v0 = plan.constants.add(layer.v0);
    if (choice != KernelChoice::simple && layer.neuron == program::NeuronKind::plain)
      planned.tensor_cores = plan_tensor_cores(layer, planned, plan, limits);
  }
  void operator()(const program::SumPool& pool) const {
    planned.sum_pool = PlannedPool{pool.source, device_window(pool.window)};
  }
  void operator()(const program::OrPool& pool) const {
    if (!pool.takes_minimum.empty()) planned.takes_minimum = plan.constants.add(pool.takes_minimum);
  }
  void operator()(const program::Accumulator& output) const { plan_biases(output, planned, plan); }
};

}  // namespace

program::NodeIndex spikes_behind(const PlannedGroup& group, const NetworkPlan& plan) {
  const auto& pool = plan.nodes[static_cast<std::size_t>(group.source)].sum_pool;
  return pool ? pool->source : group.source;
}

NetworkPlan plan_network(const Program& program, const DeviceLimits& limits, KernelChoice choice) {
  const std::vector<program::Signal> signals = program::signals(program);
  const std::vector<bool> with_signs = program::signed_spikes(program);
  NetworkPlan plan;
  plan.choice = choice;
  for (std::size_t i = 0; i < program.nodes.size(); ++i) {
    const Node& node = program.nodes[i];
    PlannedNode planned = plan_shape(node);
    planned.held = held_as(signals[i]);
    if (with_signs[i]) {
      planned.negative_at = planned.stride;
      planned.stride *= 2;
    }
    for (const program::SynapseGroup& group : program::groups_of(node)) {
      planned.groups.push_back(plan_group(group, program, node.shape, plan));
    }
    std::visit(PlanKind{planned, plan, limits, choice}, node.kind);
    plan.nodes.push_back(std::move(planned));
  }
  return plan;
}

}  // namespace neurocuda::runtime::gpu
