#include "runtime/run_images.hpp"

#include <algorithm>

#include "neurocuda/base/threads.hpp"

namespace neurocuda::runtime {
namespace {

void add(Activity& total, const Activity& part) {
  for (std::int64_t i = 0; i < total.spikes.size(); ++i) {
    total.spikes[i] += part.spikes[i];
    total.synaptic_operations[i] += part.synaptic_operations[i];
  }
}

}  // namespace

std::vector<LayerRecord*> records_by_node(const program::Program& program, RunResult& result) {
  std::vector<LayerRecord*> by_node(program.nodes.size(), nullptr);
  if (result.wanted().recording == Recording::none) return by_node;
  for (LayerRecord& layer : result.record().layers) by_node[static_cast<std::size_t>(layer.node)] = &layer;
  return by_node;
}

RunResult run_images(const program::Program& program, const TimestepProof& proof, const program::EncodedInput& input,
                     const RunOptions& options, const Prepare& prepare, const ImageBody& body) {
  const int timesteps = proof.resolve(program, options);
  check_input(program, input, timesteps);
  const std::int64_t images = input.extent(0);
  const std::int64_t input_step = images > 0 ? input.size() / images : 0;
  const int workers = static_cast<int>(std::min<std::int64_t>(resolve_threads(options.threads), images));

  RunResult result(program, images, timesteps, options.wanted);
  Tensor<std::int32_t>& accumulators = result.stored_accumulators();
  const std::int64_t result_step = accumulators.extent(1) * accumulators.extent(2);
  std::vector<Activity> activity;  // by worker
  if (options.wanted.counts) activity.assign(static_cast<std::size_t>(workers), no_activity(program, timesteps));
  const std::vector<LayerRecord*> records = records_by_node(program, result);

  prepare(workers);
  parallel_for(images, workers, [&](std::int64_t image, int worker) {
    Activity* counted = options.wanted.counts ? &activity[static_cast<std::size_t>(worker)] : nullptr;
    body({image, timesteps, options.mode, input.data() + image * input_step, accumulators.data() + image * result_step,
          options.wanted.by_timestep, counted, records},
         worker);
  });
  for (const Activity& part : activity) add(result.activity(), part);
  return result;
}

}  // namespace neurocuda::runtime
