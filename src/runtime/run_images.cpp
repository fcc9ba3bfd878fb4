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
  RunResult result(program, input.extent(0), timesteps, options.wanted);
  run_images(program, input, {options.mode, options.threads}, prepare, body, result);
  return result;
}

void run_images(const program::Program& program, const program::EncodedInput& input, const ImageRunOptions& options,
                const Prepare& prepare, const ImageBody& body, RunResult& result) {
  const std::int64_t images = result.images();
  const auto timesteps = static_cast<int>(result.timesteps());
  const std::int64_t input_step = images > 0 ? input.size() / images : 0;
  const int workers = static_cast<int>(std::min<std::int64_t>(resolve_threads(options.threads), images));
  const Wanted& wanted = result.wanted();
  Tensor<std::int32_t>& accumulators = result.stored_accumulators();
  const std::int64_t result_step = accumulators.extent(1) * accumulators.extent(2);
  std::vector<Activity> activity;  // by worker
  if (wanted.counts) activity.assign(static_cast<std::size_t>(workers), no_activity(program, timesteps));
  const std::vector<LayerRecord*> records = records_by_node(program, result);

  prepare(workers);
  parallel_for(images, workers, [&](std::int64_t image, int worker) {
    ImageTask task;
    task.image = image;
    task.timesteps = timesteps;
    task.mode = options.mode;
    task.input = input.data() + image * input_step;
    task.accumulators = accumulators.data() + image * result_step;
    task.by_timestep = wanted.by_timestep;
    task.activity = wanted.counts ? &activity[static_cast<std::size_t>(worker)] : nullptr;
    task.records = records;
    body(task, worker);
  });
  for (const Activity& part : activity) add(result.activity(), part);
}

}  // namespace neurocuda::runtime
