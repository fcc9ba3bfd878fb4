#include "runtime/cpu/exact/count_run.hpp"

#include <algorithm>
#include <cstring>

#include "runtime/cpu/exact/count_activity.hpp"
#include "runtime/cpu/exact/count_pools.hpp"
#include "runtime/cpu/plan/layout.hpp"
#include "runtime/cpu/run/pools.hpp"

namespace neurocuda::runtime::cpu::exact {

bool counts_suffice(const program::Program& program, int timesteps, const RunOptions& options) {
  return options.mode == Mode::exact && timesteps <= kLargestCount &&
         program.input().encoding == program::InputEncoding::constant_current;
}

CountRun::CountRun(const program::Program& program, const Plan& plan, const CountPlan& counts, const DenseConvs& dense,
                   const Kernels& kernels, int threads)
    : program_(program),
      plan_(plan),
      count_plan_(counts),
      dense_(dense),
      kernels_(kernels),
      team_(threads),
      sent_values_(plan),
      constants_(dense, kernels) {
  for (const PlannedNode& node : plan.nodes) {
    const bool spikes = node.signal == Signal::spikes;
    const bool integers = node.signal == Signal::constant || node.signal == Signal::counts;
    counts_.emplace_back(spikes ? with_slack(node.positions * node.padded) : 0);
    values_.emplace_back(integers ? with_slack(node.positions * node.channels) : 0);
  }
  integral_.resize(with_slack(plan.max_neurons));
  current_.resize(with_slack(plan.max_neurons));
}

void CountRun::run(const ImageTask& task) {
  task_ = &task;
  team_.run([this](int member) {
    for (std::size_t i = 0; i < program_.nodes.size(); ++i) {
      std::visit([&](const auto& kind) { run_node(static_cast<Index>(i), kind, member); }, program_.nodes[i].kind);
    }
  });
}

void CountRun::run_node(Index node, const program::InputNode&, int member) {
  if (member == 0) values_from_image(planned(node), task_->input, values(node));
}

/// What sums of spikes are is made when it is read: of as many timesteps as are wanted.
void CountRun::run_node(Index node, const program::SumPool& pool, int member) {
  if (member == 0 && planned(node).signal == Signal::constant)
    sum_values(pool.window, planned(pool.source), planned(node), values(pool.source), values(node));
}

void CountRun::run_node(Index node, const program::OrPool& pool, int member) {
  if (member == 0) max_counts(pool, planned(pool.source), planned(node), counts(pool.source), counts(node));
}

void CountRun::run_node(Index node, const program::IfLayer&, int member) {
  integrate(node, task_->timesteps, member);
  fire(node);
  if (member == 0) report(node);
}

void CountRun::run_node(Index node, const program::Accumulator&, int member) {
  const std::int64_t classes = planned(node).channels;
  for (int t = 0; t < task_->timesteps; ++t) {
    std::int32_t* wanted = task_->accumulators_at(t, classes);
    if (wanted == nullptr) continue;
    integrate(node, t + 1, member);
    if (member == 0) std::copy_n(integral_.begin(), classes, wanted);
  }
  if (member == 0) count_activity(node);
}

void CountRun::fire(Index node) {
  const PlannedNode& layer = planned(node);
  const float* rates = count_plan_.rates[static_cast<std::size_t>(node)].data();
  team_.share(layer.height, [&](std::int64_t y) {
    const std::int64_t first = y * layer.width * layer.padded;
    kernels_.dense.fire_counts({integral_.data() + first, layer.theta.data(), rates, layer.width, layer.padded,
                                task_->timesteps, counts(node) + first});
  });
}

void CountRun::report(Index node) {
  const PlannedNode& layer = planned(node);
  count_activity(node);
  if (task_->counts()) count_spikes(layer, counts(node), *task_, node);
  LayerRecord* record = task_->record(node);
  if (record == nullptr) return;
  record_counts(layer, counts(node), *task_, *record);
  if (!record->membranes.empty()) record_membranes(layer, integral_.data(), counts(node), *task_, *record);
}

void CountRun::integrate(Index node, int timesteps, int member) {
  const PlannedNode& layer = planned(node);
  if (member == 0) {
    integrate_constants(node, timesteps);
    integrate_biases(layer, timesteps);
  }
  const auto& counted = count_plan_.groups[static_cast<std::size_t>(node)];
  for (std::size_t i = 0; i < layer.groups.size(); ++i) {
    if (counted[i].spiking >= 0) deliver({node, i, timesteps}, member);
  }
  team_.meet();
}

void CountRun::integrate_constants(Index node, int timesteps) {
  const PlannedNode& layer = planned(node);
  const std::int64_t neurons = layer.positions * layer.padded;
  std::fill_n(integral_.begin(), neurons, 0);
  bool any = false;
  for (std::size_t i = 0; i < layer.groups.size(); ++i) {
    const PlannedGroup& group = layer.groups[i];
    if (planned(group.source).signal != Signal::constant) continue;
    if (group.shift.empty() && constants_.can(planned(group.source), group)) {
      constants_.add({node, i, 0, layer.height}, planned(group.source), layer, values(group.source), integral_.data());
    } else {
      send_integers(layer, group, integral_.data());
    }
    any = true;
  }
  for (std::int64_t i = 0; any && i < neurons; ++i) integral_[static_cast<std::size_t>(i)] *= timesteps;
}

void CountRun::integrate_biases(const PlannedNode& layer, int timesteps) {
  std::vector<std::int32_t> row = layer.v0;
  for (std::int64_t t = 0; t < timesteps; ++t) {
    const std::int32_t* bias = layer.bias_at(t);
    for (std::size_t c = 0; c < row.size(); ++c) row[c] += bias[c];
  }
  for (std::int64_t p = 0; p < layer.positions; ++p) {
    std::int32_t* at = integral_.data() + p * layer.padded;
    for (std::size_t c = 0; c < row.size(); ++c) at[c] += row[c];
  }
}

void CountRun::count_activity(Index node) {
  if (!task_->counts()) return;
  for (const CountedGroup& group : count_plan_.groups[static_cast<std::size_t>(node)]) {
    if (group.spiking < 0) continue;
    count_operations(planned(group.spiking), counts(group.spiking), group.fan_out, *task_, node);
  }
}

}  // namespace neurocuda::runtime::cpu::exact
