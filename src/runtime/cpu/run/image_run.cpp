#include "runtime/cpu/run/image_run.hpp"

#include <algorithm>
#include <cstdlib>

#include "runtime/cpu/plan/layout.hpp"

namespace neurocuda::runtime::cpu {

ImageRun::ImageRun(const program::Program& program, const Plan& plan, const DenseConvs& dense, const Kernels& kernels,
                   const RunSetup& setup)
    : program_(program),
      plan_(plan),
      kernels_(kernels),
      setup_(setup),
      signals_(program, plan, setup.timesteps),
      team_(setup.threads) {
  std::size_t groups = 0;
  for (const PlannedNode& node : plan.nodes) groups = std::max(groups, node.groups.size());
  layer_.lists.resize(groups);
  layer_.membrane.resize(with_slack(plan.max_neurons));
  for (int member = 0; member < setup.threads; ++member)
    tiles_.push_back(std::make_unique<TileRun>(plan, dense, kernels, signals_, layer_));
}

void ImageRun::run(const ImageTask& task) {
  task_ = &task;
  team_.run([this](int member) {
    for (std::size_t i = 0; i < program_.nodes.size(); ++i) {
      std::visit([&](const auto& kind) { run_node(static_cast<Index>(i), kind, member); }, program_.nodes[i].kind);
    }
  });
}

void ImageRun::run_node(Index, const program::InputNode&, int member) {
  if (member == 0) signals_.take_input(*task_);
}

void ImageRun::run_node(Index node, const program::SumPool& pool, int member) {
  if (member == 0 && planned(node).signal == Signal::constant) signals_.pool_constants(node, pool);
}

void ImageRun::run_node(Index node, const program::OrPool& pool, int member) {
  if (member != 0) return;
  const PlannedNode &source = planned(pool.source), &target = planned(node);
  if (pool.rule == program::MaxPoolRule::maximum_of_counts) {
    std::optional<CountPool> own;
    auto* state = static_cast<State*>(task_->state);
    std::optional<CountPool>& counts = state != nullptr ? state->pools[static_cast<std::size_t>(node)] : own;
    if (!counts) counts.emplace(pool, source, target);
    for (std::int64_t t = 0; t < task_->timesteps; ++t) {
      counts->step({signals_.bits(pool.source, t), signals_.negative(pool.source, t)}, signals_.bits(node, t),
                   signals_.negative(node, t));
    }
    return;
  }
  for (std::int64_t t = 0; t < task_->timesteps; ++t) {
    or_pool(pool.window, source, target, signals_.bits(pool.source, t), signals_.bits(node, t));
  }
}

void ImageRun::run_node(Index node, const program::IfLayer&, int member) {
  run_tiles(node, member, [&](TileRun& run, const Tile& tile) { run.fire(node, tile, *task_); });
  if (member == 0) finish(node);
}

void ImageRun::run_node(Index node, const program::Accumulator&, int member) {
  run_tiles(node, member, [&](TileRun& run, const Tile& tile) { run.accumulate(node, tile, *task_); });
  if (member == 0) exchange_state(node);
}

template <class Run>
void ImageRun::run_tiles(Index node, int member, const Run& run) {
  if (member == 0) start(node);
  team_.meet();
  const auto lists = static_cast<std::int64_t>(to_list_.size());
  team_.share(lists * task_->timesteps,
              [&](std::int64_t i) { to_list_[static_cast<std::size_t>(i % lists)]->list(kernels_, i / lists); });
  const std::vector<Tile>& tiles = planned(node).tiles;
  team_.share(static_cast<std::int64_t>(tiles.size()), [&](std::int64_t i) {
    run(*tiles_[static_cast<std::size_t>(member)], tiles[static_cast<std::size_t>(i)]);
  });
  if (member == 0 && task_->counts()) count_operations(node);
}

void ImageRun::exchange_state(Index node) {
  auto* state = static_cast<State*>(task_->state);
  if (state == nullptr) return;
  layer_.membrane.swap(state->membranes[static_cast<std::size_t>(node)]);
  if (planned(node).with_signs) layer_.sum.swap(state->sums[static_cast<std::size_t>(node)]);
}

void ImageRun::start(Index node) {
  const PlannedNode& layer = planned(node);
  exchange_state(node);
  const std::size_t neurons = with_slack(layer.positions * layer.padded);
  if (task_->state != nullptr) layer_.membrane.resize(neurons);
  if (layer.with_signs && layer_.sum.size() < neurons) layer_.sum.resize(neurons);
  prepare_lists(layer);
}

void ImageRun::prepare_lists(const PlannedNode& layer) {
  to_list_.clear();
  layer_.dense = false;
  for (std::size_t i = 0; i < layer.groups.size(); ++i) {
    const PlannedGroup& group = layer.groups[i];
    const PlannedNode& source = planned(group.source);
    if (source.signal != Signal::spikes) continue;
    LayerState::GroupLists& lists = layer_.lists[i];
    const auto prepare = [&](const std::uint64_t* bits, std::vector<SpikeLists>& to) {
      if (to.size() < group.convs.size()) to.resize(group.convs.size());
      for (std::size_t c = 0; c < group.convs.size(); ++c) {
        const PackedConv& conv = group.convs[c];
        const auto order = group.windows[c] ? SpikeLists::Order::columns : SpikeLists::Order::positions;
        to[c].prepare(kernels_, {bits, source.height, source.width, source.words, conv.first_input, conv.inputs}, order,
                      task_->timesteps);
        to_list_.push_back(&to[c]);
      }
    };
    prepare(signals_.bits(group.source, 0), lists.spikes);
    if (source.with_signs) prepare(signals_.negative(group.source, 0), lists.taken_back);
    if (static_cast<int>(i) != layer.dense_group) continue;
    layer_.dense = is_dense(layer, lists.spikes.front().spikes());
    if (layer_.dense && !task_->counts()) to_list_.resize(to_list_.size() - group.convs.size());
  }
}

bool ImageRun::is_dense(const PlannedNode& layer, std::int64_t spikes) const {
  if (task_->mode == Mode::exact) return false;
  if (setup_.path != SynapsePath::by_density) return setup_.path == SynapsePath::dense;
  const SynapseCosts& costs = layer.dense_costs;
  return static_cast<double>(spikes) * costs.per_spike >
         task_->timesteps * (costs.dense_per_timestep - costs.per_timestep);
}

void ImageRun::finish(Index node) {
  const PlannedNode& layer = planned(node);
  exchange_state(node);
  LayerRecord* record = task_->record(node);
  for (std::int64_t t = 0; t < task_->timesteps; ++t) {
    for (const std::uint64_t* spikes : {signals_.bits(node, t), signals_.negative(node, t)}) {
      if (spikes == nullptr) continue;
      if (task_->counts()) task_->count_spikes(node, t, kernels_.count_spikes(spikes, layer.positions * layer.words));
      if (record != nullptr) record_bits(layer, spikes, record->row(task_->image, t));
    }
    if (record != nullptr && layer.with_signs)
      record_bits(layer, signals_.negative(node, t), record->negative_row(task_->image, t));
  }
}

void ImageRun::count_operations(Index node) {
  const PlannedNode& layer = planned(node);
  for (std::int64_t t = 0; t < task_->timesteps; ++t) {
    for (std::size_t i = 0; i < layer.groups.size(); ++i) task_->count_operations(node, t, operations(layer, i, t));
  }
}

std::int64_t ImageRun::operations(const PlannedNode& target, std::size_t index, std::int64_t t) {
  const PlannedGroup& group = target.groups[index];
  const PlannedNode& source = planned(group.source);
  std::int64_t count = 0;
  if (source.signal == Signal::counts) {
    const std::int32_t* sent = signals_.values(group.source, t);
    for (std::int64_t p = 0; p < source.positions; ++p) {
      std::int64_t total = 0;
      for (std::int64_t c = 0; c < source.channels; ++c) total += std::abs(sent[p * source.channels + c]);
      count += total * group.fan_out[static_cast<std::size_t>(p)];
    }
  } else if (source.signal == Signal::spikes && !group.diagonal.empty()) {
    for (const std::uint64_t* spikes : {signals_.bits(group.source, t), signals_.negative(group.source, t)}) {
      if (spikes != nullptr) count += kernels_.count_spikes(spikes, source.positions * source.words);
    }
  } else if (source.signal == Signal::spikes) {
    const auto add = [&](const SpikeLists& list) {
      for (std::int64_t p = 0; p < source.positions; ++p)
        count += group.fan_out[static_cast<std::size_t>(p)] * list.count(t, p / source.width, p % source.width);
    };
    for (std::size_t c = 0; c < group.convs.size(); ++c) {
      add(layer_.lists[index].spikes[c]);
      if (source.with_signs) add(layer_.lists[index].taken_back[c]);
    }
  }
  return count;
}

}  // namespace neurocuda::runtime::cpu
