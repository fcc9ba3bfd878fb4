#pragma once

#include <functional>

#include "neurocuda/runtime/executable.hpp"
#include "runtime/timestep_proof.hpp"

namespace neurocuda::runtime {

/// What an executable keeps of one image from one block of timesteps to the next. Made before the first of them.
class ImageState {
 public:
  ImageState() = default;
  virtual ~ImageState() = default;
  ImageState(const ImageState&) = delete;
  ImageState& operator=(const ImageState&) = delete;
};

/// One image's share of a run: what to compute and where the results go.
struct ImageTask {
  std::int64_t image = 0;
  int timesteps = 0;
  int first_timestep = 0;       ///< how many ran before; results count from here
  ImageState* state = nullptr;  ///< null: all of the run is this task
  Mode mode = Mode::synchronous;
  const std::int8_t* input = nullptr;    ///< (C, H, W), or (T, C, H, W) for spike trains
  std::int32_t* accumulators = nullptr;  ///< (T, classes), or (1, classes) of the last timestep, zero
  bool by_timestep = false;              ///< which of the two
  Activity* activity = nullptr;          ///< of this worker, add to it; null when nobody wants counts
  std::vector<LayerRecord*> records;     ///< one per node; null where nothing is recorded

  LayerRecord* record(program::NodeIndex node) const { return records[static_cast<std::size_t>(node)]; }
  bool counts() const { return activity != nullptr; }
  /// Where the last layer after timestep t goes; null when nobody wants it.
  std::int32_t* accumulators_at(std::int64_t t, std::int64_t classes) const {
    if (by_timestep) return accumulators + t * classes;
    return t + 1 == timesteps ? accumulators : nullptr;
  }
  void count_spikes(program::NodeIndex node, std::int64_t t, std::int64_t count) const {
    if (activity != nullptr) activity->spikes[node * timesteps + t] += count;
  }
  void count_operations(program::NodeIndex node, std::int64_t t, std::int64_t count) const {
    if (activity != nullptr) activity->synaptic_operations[node * timesteps + t] += count;
  }
};

/// Does the work on one image. `worker` is below the number passed to `prepare`.
using ImageBody = std::function<void(const ImageTask& task, int worker)>;
/// Called once, before the first image, with the number of workers.
using Prepare = std::function<void(int workers)>;

/// What every executable on this machine does around its work on single images: checks the input and the options, hands
/// the images to threads, gathers the results. Throws UserError as Executable::run does.
RunResult run_images(const program::Program& program, const TimestepProof& proof, const program::EncodedInput& input,
                     const RunOptions& options, const Prepare& prepare, const ImageBody& body);

struct ImageRunOptions {
  Mode mode = Mode::synchronous;
  int threads = 0;  ///< 0: all hardware threads
};
/// The same without the checks, into a result that is zero.
void run_images(const program::Program& program, const program::EncodedInput& input, const ImageRunOptions& options,
                const Prepare& prepare, const ImageBody& body, RunResult& result);

/// By node: its layer of the record; null where nothing is recorded.
std::vector<LayerRecord*> records_by_node(const program::Program& program, RunResult& result);

/// Throws UserError when the input's shape or one of its values does not fit the Program and `timesteps`.
void check_input(const program::Program& program, const program::EncodedInput& input, int timesteps);

}  // namespace neurocuda::runtime
