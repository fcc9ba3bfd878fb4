#include "runtime/gpu/schedule.hpp"

#include "neurocuda/base/error.hpp"
#include "neurocuda/program/node_traits.hpp"
#include "runtime/gpu/fused_choice.hpp"
#include "runtime/gpu/tensor_core_plan.hpp"

namespace neurocuda::runtime::gpu {
namespace {

using program::Accumulator;
using program::IfLayer;
using program::InputNode;
using program::OrPool;
using program::SumPool;

class Scheduler {
 public:
  Scheduler(const program::Program& program, const NetworkPlan& plan, const Buffers& buffers, const RunShape& run,
            const DeviceLimits& limits, const Addresses& addresses)
      : program_(program), plan_(plan), buffers_(buffers), run_(run), limits_(limits), at_(addresses) {}

  Schedule make() {
    for (std::size_t i = 0; i < program_.nodes.size(); ++i) {
      std::visit([&](const auto& kind) { add(i, kind); }, program_.nodes[i].kind);
      count_activity(i);
    }
    return std::move(schedule_);
  }

 private:
  void add(std::size_t i, const InputNode&) {
    const PlannedNode& node = plan_.nodes[i];
    const std::int8_t* input = address<std::int8_t>(buffers_.nodes[i].input);
    if (node.held == Held::constant) {
      push(ImageToValues{{}, input, values<std::int32_t>(i), node.channels, node.positions()});
    } else {
      push(ImageToSpikes{{},
                         input,
                         values<std::uint32_t>(i),
                         node.channels,
                         node.positions(),
                         run_.timesteps,
                         node.words,
                         node.stride});
    }
  }

  void add(std::size_t i, const SumPool& pool) {
    const PlannedNode& node = plan_.nodes[i];
    push(SumUnderWindow{
        {}, view(pool.source), device_window(pool.window), values<std::int32_t>(i), node.height, node.width});
  }

  void add(std::size_t i, const OrPool& pool) {
    const PlannedNode& node = plan_.nodes[i];
    if (pool.rule == program::MaxPoolRule::maximum_of_counts) return add_counts(i, node, pool);
    push(OrUnderWindow{{},
                       view(pool.source),
                       device_window(pool.window),
                       values<std::uint32_t>(i),
                       node.height,
                       node.width,
                       node.words});
  }

  void add_counts(std::size_t i, const PlannedNode& node, const OrPool& pool) {
    clear_spikes(i, node);
    const std::uint8_t* minimum = node.takes_minimum ? node.takes_minimum->on(at_.constants) : nullptr;
    push(CountsUnderWindow{{},
                           view(pool.source),
                           device_window(pool.window),
                           minimum,
                           values<std::uint32_t>(i),
                           node.height,
                           node.width,
                           node.stride,
                           node.negative_at,
                           at_.carried.values(i)});
    if (at_.carried.plan != nullptr) push(CarryCounts{{}, view(pool.source), at_.carried.values(i)});
  }

  void clear_spikes(std::size_t i, const PlannedNode& node) {
    Clear clear;
    clear.words = values<std::uint32_t>(i);
    clear.per_image = std::int64_t{run_.timesteps} * node.positions() * node.stride;
    push(clear);
  }

  void add(std::size_t i, const IfLayer&) {
    const PlannedNode& node = plan_.nodes[i];
    node.tensor_cores ? add_fused(i, node) : add_simple(i, node);
    if (buffers_.nodes[i].record != NodeBuffers::kNoBuffer) fetch_record(i, node);
  }

  void add_fused(std::size_t i, const PlannedNode& node) {
    const TensorCorePlan& chosen = *node.tensor_cores;
    TensorCoreLayer layer = tensor_core_shape(node, chosen, plan_);
    for (int g = 0; g < layer.group_count; ++g) {
      layer.groups[g].spikes = source_spikes(node, chosen.convolutions[static_cast<std::size_t>(g)]);
    }
    for (int s = 0; s < layer.skip_count; ++s) {
      layer.skips[s] = {source_spikes(node, chosen.skips[static_cast<std::size_t>(s)]), node.stride};
    }
    layer.weights = chosen.weights.on(at_.constants);
    layer.constants = chosen.constants.on(at_.constants);
    layer.biases = chosen.biases.on(at_.constants);
    layer.bias_timesteps = node.bias_timesteps;
    layer.out = values<std::uint32_t>(i);
    layer.membranes = membranes(i);
    layer.timesteps = run_.timesteps;
    layer.accumulate_then_fire = run_.mode == Mode::exact;
    layer.carried = at_.carried.values(i);
    push(choose_fused_kernel(layer, chosen.columns, run_.images, limits_, plan_.choice));
  }

  const std::uint32_t* source_spikes(const PlannedNode& node, std::size_t group) {
    return values<std::uint32_t>(static_cast<std::size_t>(spikes_behind(node.groups[group], plan_)));
  }

  void add_simple(std::size_t i, const PlannedNode& node) {
    add_drive(i, node);
    clear_spikes(i, node);
    Layer layer;
    layer.group_count = add_synapses(node, false, layer.groups);
    layer.drive = address<std::int32_t>(buffers_.nodes[i].drive);
    layer.bias = biases(node);
    layer.theta = node.theta.on(at_.constants);
    layer.v0 = node.v0.on(at_.constants);
    layer.out = values<std::uint32_t>(i);
    layer.membranes = membranes(i);
    layer.channels = node.channels;
    layer.positions = node.positions();
    layer.timesteps = run_.timesteps;
    layer.stride = node.stride;
    layer.negative_at = node.negative_at;
    layer.accumulate_then_fire = run_.mode == Mode::exact;
    layer.carried = at_.carried.values(i);
    layer.carried_sums = at_.carried.sums(i);
    push(layer);
  }

  Biases biases(const PlannedNode& node) const {
    return {node.bias.on(at_.constants), node.bias_timesteps, node.channels};
  }

  void add_drive(std::size_t i, const PlannedNode& node) {
    Drive drive;
    drive.group_count = add_synapses(node, true, drive.groups);
    drive.out = address<std::int32_t>(buffers_.nodes[i].drive);
    drive.channels = node.channels;
    drive.positions = node.positions();
    push(drive);
  }

  void add(std::size_t i, const Accumulator&) {
    const PlannedNode& node = plan_.nodes[i];
    add_drive(i, node);
    auto* sums = values<std::int32_t>(i);
    Currents currents;
    currents.group_count = add_synapses(node, false, currents.groups);
    currents.drive = address<std::int32_t>(buffers_.nodes[i].drive);
    currents.bias = biases(node);
    currents.out = sums;
    currents.classes = node.channels;
    currents.timesteps = run_.timesteps;
    push(currents);
    const bool all = run_.wanted.by_timestep;
    auto* last = all ? nullptr : address<std::int32_t>(buffers_.nodes[i].last);
    push(Accumulate{{}, sums, last, node.channels, run_.timesteps, at_.carried.values(i)});
    fetch(Fetch::What::accumulators, i, all ? sums : last, std::int64_t{all ? run_.timesteps : 1} * node.channels);
  }

  /// The groups that read a constant, or the others; returns how many, `first` where they will stand.
  int add_synapses(const PlannedNode& node, bool constant, const Synapses*& first) {
    first = at_.synapses + schedule_.synapses.size();
    int count = 0;
    for (const PlannedGroup& group : node.groups) {
      if (group.constant != constant) continue;
      schedule_.synapses.push_back({view(group.source), group.diagonal, group.window, group.inputs, group.outputs,
                                    node.width, group.weight.on(at_.constants), group.shift.on(at_.constants)});
      ++count;
    }
    return count;
  }

  void fetch_record(std::size_t i, const PlannedNode& node) {
    const auto words = static_cast<int>(record_words(node));
    auto* record = address<std::uint32_t>(buffers_.nodes[i].record);
    const std::int64_t per_image = std::int64_t{run_.timesteps} * words;
    push(SpikesToRecord{{}, view(static_cast<program::NodeIndex>(i)), false, record, words});
    fetch(Fetch::What::spikes, i, record, per_image);
    if (node.negative_at != 0) {
      push(SpikesToRecord{{}, view(static_cast<program::NodeIndex>(i)), true, record, words});
      fetch(Fetch::What::negative_spikes, i, record, per_image);
    }
    if (membranes(i) != nullptr) {
      fetch(Fetch::What::membranes, i, membranes(i), std::int64_t{run_.timesteps} * node.channels * node.positions());
    }
  }

  /// `per_image` values of four bytes.
  void fetch(Fetch::What what, std::size_t i, const void* from, std::int64_t per_image) {
    schedule_.parts.back().fetches.push_back({what, static_cast<program::NodeIndex>(i), static_cast<const char*>(from),
                                              static_cast<std::size_t>(4 * per_image)});
  }

  /// What the node sent becomes spikes and, by the fan-out of each position, the synaptic operations of its readers.
  void count_activity(std::size_t i) {
    if (buffers_.nodes[i].sums == NodeBuffers::kNoBuffer) return;
    const PlannedNode& node = plan_.nodes[i];
    auto* sums = address<Counter>(buffers_.nodes[i].sums);
    Clear clear;
    clear.words = reinterpret_cast<std::uint32_t*>(sums);
    clear.fixed = std::int64_t{run_.timesteps} * node.positions() * 2;
    push(clear);
    push(CountSent{{}, view(static_cast<program::NodeIndex>(i)), sums});
    if (program::has_neurons(program_.nodes[i])) {
      push(WeighSums{{}, sums, nullptr, activity(0, i), run_.timesteps, node.positions()});
    }
    for (std::size_t reader = i + 1; reader < plan_.nodes.size(); ++reader) {
      for (const PlannedGroup& group : plan_.nodes[reader].groups) {
        if (static_cast<std::size_t>(group.source) != i) continue;
        push(WeighSums{
            {}, sums, group.fan_out.on(at_.constants), activity(1, reader), run_.timesteps, node.positions()});
      }
    }
  }

  Counter* activity(std::size_t which, std::size_t node) const {
    return at_.activity + (which * program_.nodes.size() + node) * static_cast<std::size_t>(run_.timesteps);
  }

  Values view(program::NodeIndex index) const {
    const auto i = static_cast<std::size_t>(index);
    const PlannedNode& node = plan_.nodes[i];
    return {node.held,   node.channels,    node.height,    node.width, node.held == Held::constant ? 1 : run_.timesteps,
            node.stride, node.negative_at, values<char>(i)};
  }

  template <class T>
  T* address(std::int64_t offset) const {
    return reinterpret_cast<T*>(at_.memory + offset);
  }
  template <class T>
  T* values(std::size_t i) const {
    return address<T>(buffers_.nodes[i].values);
  }
  std::int32_t* membranes(std::size_t i) const {
    const std::int64_t offset = buffers_.nodes[i].membranes;
    return offset == NodeBuffers::kNoBuffer ? nullptr : address<std::int32_t>(offset);
  }
  /// A kernel behind a fetch may overwrite what is fetched, so it begins a new part.
  void push(const Kernel& kernel) {
    if (schedule_.parts.empty() || !schedule_.parts.back().fetches.empty()) schedule_.parts.emplace_back();
    schedule_.parts.back().kernels.push_back(kernel);
  }

  const program::Program& program_;
  const NetworkPlan& plan_;
  const Buffers& buffers_;
  const RunShape& run_;
  const DeviceLimits& limits_;
  const Addresses& at_;
  Schedule schedule_;
};

}  // namespace

void* recorded_row(const Fetch& fetch, LayerRecord& record, std::int64_t image) {
  switch (fetch.what) {
    case Fetch::What::spikes:
      return record.row(image, 0);
    case Fetch::What::negative_spikes:
      return record.negative_row(image, 0);
    case Fetch::What::membranes:
      return record.membrane_row(image, 0);
    case Fetch::What::accumulators:
      break;
  }
  throw InternalError("internal error: gpu: accumulators are no part of a record");
}

std::size_t synapse_count(const NetworkPlan& plan) {
  std::size_t count = 0;
  for (const PlannedNode& node : plan.nodes) count += node.tensor_cores ? 0 : node.groups.size();
  return count;
}

Schedule make_schedule(const program::Program& program, const NetworkPlan& plan, const Buffers& buffers,
                       const RunShape& run, const DeviceLimits& limits, const Addresses& addresses) {
  return Scheduler(program, plan, buffers, run, limits, addresses).make();
}

}  // namespace neurocuda::runtime::gpu
