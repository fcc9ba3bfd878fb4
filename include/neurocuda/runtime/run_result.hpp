#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "neurocuda/base/tensor.hpp"
#include "neurocuda/program/program.hpp"
#include "neurocuda/runtime/spike_record.hpp"

namespace neurocuda::runtime {

enum class Recording { none, spikes, spikes_and_membranes };

/// What a run returns beside the accumulators after its last timestep, which give logits and predictions. What nobody
/// wants is not computed.
struct Wanted {
  bool by_timestep = false;  ///< the accumulators after every timestep
  bool counts = false;       ///< spikes and synaptic operations, see Activity
  Recording recording = Recording::none;
  bool operator==(const Wanted&) const = default;
};
inline constexpr Wanted kEverything{true, true, Recording::spikes_and_membranes};

/// What a run did, summed over the batch. Node axes follow Program::nodes (zero for nodes that do not fire or
/// receive). A spike of -1 is a spike. A synaptic operation is one spike reaching one weight; a pooled count n reaching
/// a weight is |n| of them; what a constant input current costs is not a synaptic operation.
struct Activity {
  Tensor<std::int64_t> spikes;               ///< (nodes, T), spikes of IF layers
  Tensor<std::int64_t> synaptic_operations;  ///< (nodes, T), arriving at the node's synapse groups
};

/// What a run returned. Reading what was not wanted is a UserError that says what to ask for.
class RunResult {
 public:
  RunResult() = default;
  /// All zero, for an executable to fill; `first_timestep`: how many ran before, in a Stream.
  RunResult(const program::Program& program, std::int64_t images, int timesteps, const Wanted& wanted,
            int first_timestep = 0);

  const Wanted& wanted() const { return wanted_; }
  std::int64_t images() const { return accumulators_.extent(0); }
  std::int64_t timesteps() const { return timesteps_; }
  /// Timesteps of a Stream before this block; 0 for a run.
  std::int64_t first_timestep() const { return first_timestep_; }
  std::int64_t classes() const { return accumulators_.extent(2); }

  /// UserError when t is not a timestep of this run, or not one whose accumulators were kept.
  void require_timestep(std::int64_t t) const;
  /// The last layer of one image after timestep t (0-based): (classes,). Wanted::by_timestep unless t is the last.
  std::span<const std::int32_t> accumulators(std::int64_t image, std::int64_t t) const;
  /// After the last timestep: (N, classes).
  Tensor<std::int32_t> accumulators() const;
  /// (N, T, classes); Wanted::by_timestep.
  const Tensor<std::int32_t>& accumulators_by_timestep() const;
  Tensor<std::int32_t>& accumulators_by_timestep();
  /// Wanted::counts.
  const Activity& activity() const;
  Activity& activity();
  /// Wanted::recording.
  const SpikeRecord& record() const;
  SpikeRecord& record();

  /// (N, T or 1, classes): the accumulators as an executable writes them, with the last timestep alone unless
  /// Wanted::by_timestep.
  Tensor<std::int32_t>& stored_accumulators() { return accumulators_; }

 private:
  Wanted wanted_;
  std::int64_t timesteps_ = 0, first_timestep_ = 0;
  Tensor<std::int32_t> accumulators_{Shape{0, 0, 0}};  // as stored_accumulators() says
  std::optional<Activity> activity_;
  std::optional<SpikeRecord> record_;
};

/// arg-max of the accumulators: one class per image; the smallest index wins ties. After timestep t (0-based), or the
/// last.
std::vector<std::int64_t> predictions(const RunResult& result, std::int64_t t);
std::vector<std::int64_t> predictions(const RunResult& result);
/// accumulator x scale / (timesteps so far): (N, classes). After timestep t of the result, or the last.
Tensor<float> logits(const program::Program& program, const RunResult& result, std::int64_t t);
Tensor<float> logits(const program::Program& program, const RunResult& result);

/// Zero activity of a run: (nodes, T) each.
Activity no_activity(const program::Program& program, std::int64_t timesteps);

}  // namespace neurocuda::runtime
