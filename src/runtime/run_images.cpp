#include "runtime/run_images.hpp"

#include <algorithm>

#include "neurocuda/base/threads.hpp"
#include "neurocuda/program/node_traits.hpp"

namespace neurocuda::runtime {
namespace {

using program::NodeIndex;

Activity no_activity(const program::Program& program, int timesteps) {
  const Shape shape{static_cast<std::int64_t>(program.nodes.size()), timesteps};
  return {Tensor<std::int64_t>(shape), Tensor<std::int64_t>(shape)};
}

void add(Activity& total, const Activity& part) {
  for (std::int64_t i = 0; i < total.spikes.size(); ++i) {
    total.spikes[i] += part.spikes[i];
    total.synaptic_operations[i] += part.synaptic_operations[i];
  }
}

SpikeRecord make_record(const program::Program& program, std::int64_t images, int timesteps, Recording recording) {
  SpikeRecord record;
  for (std::size_t i = 0; i < program.nodes.size(); ++i) {
    if (!program::has_neurons(program.nodes[i])) continue;
    record.layers.emplace_back(static_cast<NodeIndex>(i), images, timesteps, element_count(program.nodes[i].shape),
                               recording == Recording::spikes_and_membranes);
  }
  return record;
}

}  // namespace

std::vector<LayerRecord*> records_by_node(const program::Program& program, std::optional<SpikeRecord>& record) {
  std::vector<LayerRecord*> by_node(program.nodes.size(), nullptr);
  if (record) {
    for (LayerRecord& layer : record->layers) by_node[static_cast<std::size_t>(layer.node)] = &layer;
  }
  return by_node;
}

RunResult empty_result(const program::Program& program, std::int64_t images, int timesteps, Recording recording) {
  RunResult result;
  result.accumulators = Tensor<std::int32_t>({images, timesteps, element_count(program.nodes.back().shape)});
  result.activity = no_activity(program, timesteps);
  if (recording != Recording::none) result.record = make_record(program, images, timesteps, recording);
  return result;
}

RunResult run_images(const program::Program& program, const TimestepProof& proof, const program::EncodedInput& input,
                     const RunOptions& options, const Prepare& prepare, const ImageBody& body) {
  const int timesteps = proof.resolve(program, options);
  check_input(program, input, timesteps);
  const std::int64_t images = input.extent(0);
  const std::int64_t input_step = images > 0 ? input.size() / images : 0;
  const int workers = static_cast<int>(std::min<std::int64_t>(resolve_threads(options.threads), images));

  RunResult result = empty_result(program, images, timesteps, options.recording);
  const std::int64_t result_step = timesteps * result.accumulators.extent(2);
  std::vector<Activity> activity(static_cast<std::size_t>(workers), no_activity(program, timesteps));
  const std::vector<LayerRecord*> records = records_by_node(program, result.record);

  prepare(workers);
  parallel_for(images, workers, [&](std::int64_t image, int worker) {
    body({image, timesteps, options.mode, input.data() + image * input_step,
          result.accumulators.data() + image * result_step, &activity[static_cast<std::size_t>(worker)], records},
         worker);
  });
  for (const Activity& part : activity) add(result.activity, part);
  return result;
}

}  // namespace neurocuda::runtime
