#include "runtime/cpu/plan/plan.hpp"

#include <algorithm>
#include <limits>

#include "neurocuda/program/biases.hpp"
#include "runtime/cpu/plan/plan_costs.hpp"
#include "runtime/fan_out.hpp"

namespace neurocuda::runtime::cpu {
namespace {

using program::Diagonal;
using program::Node;
using program::Program;

PlannedNode plan_shape(const Node& node) {
  PlannedNode planned;
  planned.channels = program::channels(node.shape);
  planned.positions = program::plane(node.shape);
  if (node.shape.size() == 3) {
    planned.height = node.shape[1];
    planned.width = node.shape[2];
  }
  planned.padded = padded_channels(planned.channels);
  planned.words = spike_words(planned.channels);
  return planned;
}

std::vector<std::int32_t> plan_shift(const std::vector<std::uint8_t>& shift) {
  if (std::all_of(shift.begin(), shift.end(), [](std::uint8_t e) { return e == 0; })) return {};
  return padded({shift.begin(), shift.end()}, 0);
}

std::vector<std::int32_t> plan_diagonal(const Diagonal& diagonal, const std::vector<std::uint8_t>& shift) {
  std::vector<std::int32_t> weight;
  for (std::size_t c = 0; c < shift.size(); ++c)
    weight.push_back(diagonal.weight[static_cast<std::int64_t>(c)] << shift[c]);
  return padded(weight, 0);
}

/// Weights that a tile may read again and again: a part of the second cache. More are cut into tiles of some channels.
constexpr std::int64_t kCached = std::int64_t{768} << 10, kTileChannels = 128;

PlannedGroup plan_group(const program::SynapseGroup& group, const Shape& source, bool with_signs, const Shape& target) {
  PlannedGroup planned;
  planned.source = group.source;
  planned.fan_out = fan_out(source, target, group.connection);
  planned.convs = pack(group.connection, source, target);
  for (PackedConv& conv : planned.convs) {
    if (with_signs) conv.flush = int16_rows(conv.weights, conv.padded, true);
  }
  if (const auto* diagonal = std::get_if<Diagonal>(&group.connection))
    planned.diagonal = plan_diagonal(*diagonal, group.shift);
  if (planned.diagonal.empty()) planned.shift = plan_shift(group.shift);
  for (const std::int32_t weight : planned.diagonal) planned.negated.push_back(-weight);
  return planned;
}

/// All rows of biases, one behind the other.
template <class Layer>
std::vector<std::int32_t> plan_biases(const Layer& layer) {
  std::vector<std::int32_t> rows;
  for (std::int64_t t = 0; t <= program::bias_timesteps(layer); ++t) {
    const std::vector<std::int32_t> row = padded(program::biases_at(layer, t), 0);
    rows.insert(rows.end(), row.begin(), row.end());
  }
  return rows;
}

/// What the state starts from and what moves it.
void plan_state(const Node& node, PlannedNode& planned) {
  program::visit_kind(
      node.kind, [](const program::InputNode&) {},
      [&](const program::IfLayer& layer) {
        planned.bias = plan_biases(layer);
        planned.theta = padded(layer.theta, std::numeric_limits<std::int32_t>::max());
        planned.v0 = padded(layer.v0, 0);
      },
      [](const program::SumPool&) {}, [](const program::OrPool&) {},
      [&](const program::Accumulator& output) {
        planned.bias = plan_biases(output);
        planned.v0 = padded(std::vector<std::int32_t>(output.bias.size(), 0), 0);
      });
}

bool sends_spikes(const Plan& plan, const PlannedGroup& group) {
  return plan.nodes[static_cast<std::size_t>(group.source)].signal == Signal::spikes;
}

/// All output channels, or as many blocks of them as keep the weights in a part of the second cache.
std::int64_t channels_at_a_time(const Plan& plan, const PlannedNode& layer) {
  std::int64_t bytes = 0;
  for (const PlannedGroup& group : layer.groups) {
    if (group.convs.empty()) continue;
    const PackedConv& conv = group.convs.front();
    if (group.convs.size() > 1 || !sends_spikes(plan, group) || !has_window(conv)) return layer.padded;
    bytes += static_cast<std::int64_t>(conv.weights.size());
  }
  if (bytes <= kCached) return layer.padded;
  return std::max(kTileChannels, kCached / (bytes / layer.padded) / kTileChannels * kTileChannels);
}

/// Windows where they fit, in blocks that do not cross the border of a tile; then nothing reads the other weights.
void plan_windows(const Plan& plan, PlannedNode& layer, WindowWidths widths) {
  const bool cut = !layer.tiles.empty() && layer.tiles.front().channels < layer.padded;
  if (cut) widths.block = std::min(widths.block, kTileChannels);
  for (PlannedGroup& group : layer.groups) {
    if (!sends_spikes(plan, group)) continue;
    for (PackedConv& conv : group.convs) {
      group.windows.push_back(window_weights(conv, widths));
      if (group.windows.back()) conv.weights = {};
    }
  }
}

std::int64_t weight_count(const PlannedGroup& group) {
  std::int64_t count = 0;
  for (const PackedConv& conv : group.convs) count += conv.taps() * conv.tap_bytes();
  return count;
}

void plan_firing(const Plan& plan, PlannedNode& layer) {
  if (layer.theta.empty()) return;
  std::int64_t most = 0;
  for (std::size_t i = 0; i < layer.groups.size(); ++i) {
    const PlannedGroup& group = layer.groups[i];
    const PlannedNode& source = plan.nodes[static_cast<std::size_t>(group.source)];
    if (source.signal != Signal::spikes) continue;
    if (!group.diagonal.empty() && !source.with_signs) layer.firing_skip = static_cast<int>(i);
    const bool slides = group.windows.size() == 1 && group.windows.front() && group.shift.empty();
    if (!slides || weight_count(group) <= most) continue;
    most = weight_count(group);
    layer.firing_group = static_cast<int>(i);
  }
  if (layer.firing_group < 0) layer.firing_skip = -1;
}

/// Tiles of one row, whose timesteps stand together.
void plan_dense(const Plan& plan, PlannedNode& layer, const Costs& costs) {
  if (layer.theta.empty() || layer.tiles.front().rows > 1) return;
  std::int64_t most = 0;
  for (std::size_t i = 0; i < layer.groups.size(); ++i) {
    const PlannedGroup& group = layer.groups[i];
    const PlannedNode& source = plan.nodes[static_cast<std::size_t>(group.source)];
    if (!sends_spikes(plan, group) || source.with_signs || !group.shift.empty() || weight_count(group) <= most)
      continue;
    most = weight_count(group);
    layer.dense_group = static_cast<int>(i);
    layer.dense_costs = plan_costs(source, layer, group, costs);
  }
}

void plan_tiles(const Plan& plan, PlannedNode& layer) {
  // Sums of spikes are made for a timestep, so a layer that reads them runs as a whole.
  const bool whole = std::any_of(layer.groups.begin(), layer.groups.end(), [&](const PlannedGroup& group) {
    return plan.nodes[static_cast<std::size_t>(group.source)].signal == Signal::counts;
  });
  const std::int64_t rows = whole ? layer.height : 1;
  const std::int64_t channels = whole ? layer.padded : channels_at_a_time(plan, layer);
  for (std::int64_t c = 0; c < layer.padded; c += channels) {
    for (std::int64_t y = 0; y < layer.height; y += rows)
      layer.tiles.push_back({y, std::min(rows, layer.height - y), c, std::min(channels, layer.padded - c)});
  }
}

void size_scratch(Plan& plan) {
  for (const PlannedNode& node : plan.nodes) {
    plan.max_values = std::max(plan.max_values, node.channels * node.positions);
    plan.max_positions = std::max(plan.max_positions, node.positions);
    if (!node.groups.empty()) plan.max_neurons = std::max(plan.max_neurons, node.padded * node.positions);
    for (const PlannedGroup& group : node.groups) {
      // At most one entry per tap and channel, and no more than the source has.
      const PlannedNode& source = plan.nodes[static_cast<std::size_t>(group.source)];
      for (const PackedConv& conv : group.convs) {
        const std::int64_t met = std::min(conv.taps(), source.positions) * conv.inputs;
        plan.max_gathered = std::max(plan.max_gathered, met);
      }
    }
  }
}

}  // namespace

Plan make_plan(const Program& program, const WindowWidths& widths, const Costs& costs) {
  const std::vector<Signal> signals = program::signals(program);
  const std::vector<bool> with_signs = program::signed_spikes(program);
  Plan plan;
  for (std::size_t i = 0; i < program.nodes.size(); ++i) {
    const Node& node = program.nodes[i];
    PlannedNode planned = plan_shape(node);
    planned.signal = signals[i];
    planned.with_signs = with_signs[i];
    planned.is_input = node.as<program::InputNode>() != nullptr;
    for (const program::SynapseGroup& group : program::groups_of(node)) {
      const auto source = static_cast<std::size_t>(group.source);
      planned.groups.push_back(plan_group(group, program.nodes[source].shape, with_signs[source], node.shape));
    }
    plan_state(node, planned);
    plan_tiles(plan, planned);
    plan_windows(plan, planned, widths);
    plan_firing(plan, planned);
    plan_dense(plan, planned, costs);
    plan.nodes.push_back(std::move(planned));
  }
  size_scratch(plan);
  return plan;
}

}  // namespace neurocuda::runtime::cpu
