#include "runtime/cpu/image_run.hpp"

#include <algorithm>
#include <cstdlib>

#include "runtime/cpu/layout.hpp"

namespace neurocuda::runtime::cpu {

ImageRun::ImageRun(const program::Program& program, const Plan& plan, const Kernels& kernels, int timesteps,
                   int threads)
    : program_(program),
      plan_(plan),
      kernels_(kernels),
      timesteps_(timesteps),
      signals_(program, plan, timesteps),
      team_(threads) {
  std::size_t groups = 0;
  for (const PlannedNode& node : plan.nodes) groups = std::max(groups, node.groups.size());
  layer_.lists.resize(groups);
  layer_.membrane.resize(with_slack(plan.max_neurons));
  for (int member = 0; member < threads; ++member)
    tiles_.push_back(std::make_unique<TileRun>(plan, kernels, signals_, layer_));
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
  if (member == 0) {
    start(node);
    next_tile_ = 0;
  }
  team_.meet();
  const std::vector<Tile>& tiles = planned(node).tiles;
  for (std::size_t i = next_tile_++; i < tiles.size(); i = next_tile_++)
    run(*tiles_[static_cast<std::size_t>(member)], tiles[i]);
  team_.meet();
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
  if (task_->first_timestep == 0) {
    const std::int64_t neurons = layer.positions * layer.padded;
    if (task_->state != nullptr) layer_.membrane.resize(with_slack(neurons));
    for (std::int64_t p = 0; p < layer.positions; ++p) {
      std::copy(layer.v0.begin(), layer.v0.end(), layer_.membrane.begin() + p * layer.padded);
    }
    if (layer.with_signs) layer_.sum.assign(with_slack(neurons), 0);
  }
  list_spikes(layer);
  if (task_->counts()) count_operations(node);
}

void ImageRun::list_spikes(const PlannedNode& layer) {
  for (std::size_t i = 0; i < layer.groups.size(); ++i) {
    const PlannedGroup& group = layer.groups[i];
    const PlannedNode& source = planned(group.source);
    if (source.signal != Signal::spikes) continue;
    LayerState::GroupLists& lists = layer_.lists[i];
    const auto list = [&](const std::uint64_t* bits, std::vector<SpikeLists>& to) {
      if (to.size() < group.convs.size()) to.resize(group.convs.size());
      for (std::size_t c = 0; c < group.convs.size(); ++c) {
        const PackedConv& conv = group.convs[c];
        const auto order = group.windows[c] ? SpikeLists::Order::columns : SpikeLists::Order::positions;
        to[c].list(kernels_, {bits, source.height, source.width, source.words, conv.first_input, conv.inputs}, order,
                   task_->timesteps);
      }
    };
    list(signals_.bits(group.source, 0), lists.spikes);
    if (source.with_signs) list(signals_.negative(group.source, 0), lists.taken_back);
  }
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
