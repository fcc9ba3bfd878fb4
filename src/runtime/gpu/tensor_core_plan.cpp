#include "runtime/gpu/tensor_core_plan.hpp"

#include <limits>

#include "neurocuda/program/biases.hpp"
#include "runtime/gpu/pack_weights.hpp"
#include "runtime/gpu/tiles.hpp"

namespace neurocuda::runtime::gpu {
namespace {

bool suits(const PlannedGroup& group, const NetworkPlan& plan) {
  const PlannedNode& source = plan.nodes[static_cast<std::size_t>(group.source)];
  const bool convolution = !group.diagonal && group.groups == 1 && !group.shifted;
  if (source.negative_at != 0) return false;
  if (source.held == Held::spikes) return group.diagonal || convolution;
  if (!source.sum_pool || source.held != Held::counts || !convolution) return false;
  const PlannedNode& summed = plan.nodes[static_cast<std::size_t>(source.sum_pool->source)];
  return summed.held == Held::spikes && summed.negative_at == 0 && source.sum_pool->window.taps() <= kMostSummands;
}

/// The groups sorted into convolutions and skips; nothing when one of them does not suit.
std::optional<TensorCorePlan> sort_groups(const PlannedNode& layer, const NetworkPlan& plan) {
  TensorCorePlan sorted;
  for (std::size_t g = 0; g < layer.groups.size(); ++g) {
    if (!suits(layer.groups[g], plan)) return std::nullopt;
    (layer.groups[g].diagonal ? sorted.skips : sorted.convolutions).push_back(g);
  }
  if (sorted.convolutions.empty() || sorted.convolutions.size() > TensorCoreLayer::kMaxGroups ||
      sorted.skips.size() > TensorCoreLayer::kMaxSkips) {
    return std::nullopt;
  }
  return sorted;
}

/// Skip weights with their shift, by channel.
std::vector<std::int32_t> skip_weights(const program::SynapseGroup& group) {
  const auto& weight = std::get<program::Diagonal>(group.connection).weight;
  std::vector<std::int32_t> shifted;
  for (std::size_t c = 0; c < group.shift.size(); ++c) {
    shifted.push_back(weight[static_cast<std::int64_t>(c)] * (1 << group.shift[c]));
  }
  return shifted;
}

/// The table of constants in the kernel's order. Columns beyond the last channel never fire.
std::vector<std::int32_t> column_constants(const program::IfLayer& layer, const TensorCorePlan& chosen) {
  std::vector<std::vector<std::int32_t>> rows(kFirstSkip);
  rows[kBias] = layer.bias;
  rows[kTheta] = layer.theta;
  rows[kInitial] = layer.v0;
  for (const std::size_t skip : chosen.skips) rows.push_back(skip_weights(layer.groups[skip]));
  const auto channels = layer.bias.size(), columns = static_cast<std::size_t>(chosen.columns);
  std::vector<std::int32_t> table;
  for (std::size_t first = 0; first < channels; first += columns) {
    for (std::size_t row = 0; row < rows.size(); ++row) {
      const std::int32_t beyond = row == kTheta ? std::numeric_limits<std::int32_t>::max() : 0;
      for (std::size_t c = first; c < first + columns; ++c) table.push_back(c < channels ? rows[row][c] : beyond);
    }
  }
  return table;
}

/// The biases of timesteps that have their own, in the kernel's order.
std::vector<std::int32_t> biases_by_timestep(const program::IfLayer& layer, int columns) {
  const auto channels = static_cast<std::int64_t>(layer.bias.size());
  std::vector<std::int32_t> table;
  for (std::int64_t first = 0; first < channels; first += columns) {
    for (std::int64_t t = 0; t < program::bias_timesteps(layer); ++t) {
      for (std::int64_t c = first; c < first + columns; ++c)
        table.push_back(c < channels ? program::bias_at(layer, c, t) : 0);
    }
  }
  return table;
}

TensorCoreGroup group_shape(const PlannedGroup& group, const NetworkPlan& plan) {
  const PlannedNode& source = plan.nodes[static_cast<std::size_t>(group.source)];
  const PlannedNode& spikes = plan.nodes[static_cast<std::size_t>(spikes_behind(group, plan))];
  TensorCoreGroup shape;
  shape.height = spikes.height;
  shape.width = spikes.width;
  shape.words = spikes.words;
  shape.stride = spikes.stride;
  shape.window = group.window;
  if (source.sum_pool) {
    shape.pooled = true;
    shape.pool = source.sum_pool->window;
    shape.sums_height = source.height;
    shape.sums_width = source.width;
  }
  return shape;
}

}  // namespace

DeviceWindow device_window(const Window& window) {
  const auto narrow = [](std::int64_t value) { return static_cast<int>(value); };
  return {narrow(window.kernel.height),   narrow(window.kernel.width),   narrow(window.stride.height),
          narrow(window.stride.width),    narrow(window.padding.height), narrow(window.padding.width),
          narrow(window.dilation.height), narrow(window.dilation.width)};
}

TensorCoreLayer tensor_core_shape(const PlannedNode& layer, const TensorCorePlan& chosen, const NetworkPlan& plan) {
  TensorCoreLayer shape;
  for (const std::size_t g : chosen.convolutions) {
    shape.groups[shape.group_count++] = group_shape(layer.groups[g], plan);
  }
  shape.skip_count = static_cast<int>(chosen.skips.size());
  shape.channels = layer.channels;
  shape.positions = layer.positions();
  shape.width = layer.width;
  shape.words = layer.words;
  shape.stride = layer.stride;
  return shape;
}

std::optional<TensorCorePlan> plan_tensor_cores(const program::IfLayer& layer, const PlannedNode& planned,
                                                NetworkPlan& plan, const DeviceLimits& limits) {
  std::optional<TensorCorePlan> chosen = sort_groups(planned, plan);
  if (!chosen) return chosen;
  const TensorCoreLayer shape = tensor_core_shape(planned, *chosen, plan);
  // Of a large batch: a smaller one has smaller tiles, which fit as well.
  chosen->columns = choose_columns(shape, std::numeric_limits<int>::max(), limits.shared_bytes);
  if (chosen->columns == 0) return std::nullopt;
  std::vector<PackSource> sources;
  for (const std::size_t g : chosen->convolutions) {
    const PlannedGroup& group = planned.groups[g];
    sources.push_back({std::visit([](const auto& any) { return any.weight.data(); }, layer.groups[g].connection),
                       group.inputs, group.window.taps()});
  }
  chosen->weights = plan.constants.add(pack_weights(sources, planned.channels, chosen->columns));
  chosen->constants = plan.constants.add(column_constants(layer, *chosen));
  chosen->biases = plan.constants.add(biases_by_timestep(layer, chosen->columns));
  return chosen;
}

}  // namespace neurocuda::runtime::gpu
