#include <algorithm>
#include <limits>
#include <utility>

#include "metrics/layer_macs.hpp"
#include "metrics/tally.hpp"
#include "neurocuda/base/error.hpp"
#include "neurocuda/program/node_traits.hpp"

namespace neurocuda::metrics {
namespace {

/// Over the first `timesteps` steps of node `node`; `counts` is (nodes, T).
std::int64_t prefix_sum(const Tensor<std::int64_t>& counts, std::size_t node, int timesteps) {
  const std::int64_t* row = counts.data() + static_cast<std::int64_t>(node) * counts.extent(1);
  std::int64_t sum = 0;
  for (int t = 0; t < timesteps; ++t) sum += row[t];
  return sum;
}

/// 1 for a network without neurons: it never spikes.
double sparsity(std::int64_t spikes, std::int64_t neurons, int timesteps, std::int64_t images) {
  if (neurons == 0) return 1.0;
  return 1.0 - static_cast<double>(spikes) /
                   (static_cast<double>(neurons) * static_cast<double>(timesteps) * static_cast<double>(images));
}

std::vector<LayerStatistics> layer_statistics(const program::Program& program, const Tally& tally, int timesteps) {
  const auto macs = layer_macs(program);
  const auto images = static_cast<double>(tally.images);
  std::vector<LayerStatistics> layers;
  for (std::size_t i = 0; i < program.nodes.size(); ++i) {
    const program::Node& node = program.nodes[i];
    if (program::groups_of(node).empty()) continue;
    const std::int64_t spikes = prefix_sum(tally.activity.spikes, i, timesteps);
    LayerStatistics layer;
    layer.layer = node.name;
    layer.neurons = program::has_neurons(node) ? element_count(node.shape) : 0;
    layer.sparsity = sparsity(spikes, layer.neurons, timesteps, tally.images);
    layer.spikes_per_image = static_cast<double>(spikes) / images;
    layer.synops_per_image = static_cast<double>(prefix_sum(tally.activity.synaptic_operations, i, timesteps)) / images;
    layer.dense_synops_per_image = static_cast<double>(macs[i].per_timestep * timesteps + macs[i].once);
    layers.push_back(std::move(layer));
  }
  return layers;
}

}  // namespace

Evaluation summarize(const runtime::Executable& executable, const Tally& tally, std::size_t index) {
  const program::Program& program = executable.program();
  const int timesteps = tally.timesteps[index];
  const auto images = static_cast<double>(tally.images);
  std::int64_t spikes = 0, operations = 0;
  for (std::size_t i = 0; i < program.nodes.size(); ++i) {
    spikes += prefix_sum(tally.activity.spikes, i, timesteps);
    operations += prefix_sum(tally.activity.synaptic_operations, i, timesteps);
  }
  Evaluation evaluation;
  evaluation.images = tally.images;
  evaluation.correct = tally.correct[index];
  const auto of_all_labels = [&](double sum) {
    return tally.labelled == tally.images ? sum / images : std::numeric_limits<double>::quiet_NaN();
  };
  evaluation.accuracy = of_all_labels(static_cast<double>(evaluation.correct));
  evaluation.cross_entropy = of_all_labels(tally.cross_entropy[index]);
  evaluation.timesteps = timesteps;
  evaluation.target = executable.target();
  evaluation.isa = executable.isa();
  evaluation.sparsity = sparsity(spikes, program::neuron_count(program), timesteps, tally.images);
  evaluation.spikes_per_image = static_cast<double>(spikes) / images;
  evaluation.synops_per_image = static_cast<double>(operations) / images;
  const std::int64_t input_macs = program::input_macs(program);
  evaluation.dense_macs_per_image = static_cast<double>(program::dense_macs_per_timestep(program) + input_macs);
  evaluation.input_macs_per_image = static_cast<double>(input_macs);
  evaluation.images_per_second = images / std::max(tally.seconds, 1e-9);
  evaluation.layers = layer_statistics(program, tally, timesteps);
  evaluation.predictions = tally.predictions[index];
  return evaluation;
}

double agreement(std::span<const std::int64_t> a, std::span<const std::int64_t> b) {
  ensure(a.size() == b.size(), "two networks that answered other images are compared");
  std::int64_t alike = 0;
  for (std::size_t i = 0; i < a.size(); ++i) alike += a[i] == b[i] ? 1 : 0;
  return static_cast<double>(alike) / static_cast<double>(std::max<std::size_t>(a.size(), 1));
}

}  // namespace neurocuda::metrics
