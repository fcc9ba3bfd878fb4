#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "neurocuda/program/encode.hpp"
#include "neurocuda/program/mode.hpp"
#include "neurocuda/program/program.hpp"
#include "neurocuda/runtime/spike_record.hpp"

namespace neurocuda::runtime {

using program::Mode;
enum class Recording { none, spikes, spikes_and_membranes };

struct RunOptions {
  int timesteps = 0;  ///< 0: the Program's own
  int threads = 0;    ///< 0: all hardware threads
  Mode mode = Mode::synchronous;
  Recording recording = Recording::none;
};

/// What a run did, summed over the batch. Node axes follow Program::nodes (zero for nodes that do not fire or
/// receive). A synaptic operation is one spike reaching one weight; a pooled count n reaching a weight is n of them;
/// what a constant input current costs is not a synaptic operation.
struct Activity {
  Tensor<std::int64_t> spikes;               ///< (nodes, T), spikes of IF layers
  Tensor<std::int64_t> synaptic_operations;  ///< (nodes, T), arriving at the node's synapse groups
};

struct RunResult {
  Tensor<std::int32_t> accumulators;  ///< (N, T, classes): the last layer after each timestep
  Activity activity;
  std::optional<SpikeRecord> record;
};

/// A Program made ready for one machine. Immutable after construction; run() may be called from several threads.
class Executable {
 public:
  virtual ~Executable() = default;
  /// "reference", "cpu", ...
  virtual std::string_view target() const = 0;
  /// The instruction set or device in use, for reports ("avx512", "scalar", "NVIDIA H200").
  virtual std::string isa() const = 0;
  virtual const program::Program& program() const = 0;
  /// Throws UserError when the input's shape, or the number of timesteps, does not fit the Program.
  virtual RunResult run(const program::EncodedInput& input, const RunOptions& options = {}) const = 0;
};

/// arg-max of the accumulators at timestep t (0-based): one class per image; the smallest index wins ties.
std::vector<std::int64_t> predictions(const RunResult& result, std::int64_t t);
/// accumulator x scale / (t + 1) at timestep t: (N, classes).
Tensor<float> logits(const program::Program& program, const RunResult& result, std::int64_t t);

/// Steps to run for these options: checks the range 1..kMaxTimesteps and the Program's int32 proof.
int resolve_timesteps(const program::Program& program, const RunOptions& options);

}  // namespace neurocuda::runtime
