#pragma once

#include <cstdint>
#include <vector>

#include "neurocuda/program/encode.hpp"
#include "neurocuda/runtime/run_result.hpp"

namespace neurocuda::runtime {

/// A batch of images whose timesteps run in blocks: membranes, spike counts and accumulators stay from one block to the
/// next, so that any blocks give the spikes of one run, bit for bit. Streams of one Executable do not touch each other.
/// It must not outlive its Executable, and is used by one thread at a time.
class Stream {
 public:
  virtual ~Stream() = default;
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  std::int64_t images() const { return images_; }
  /// Timesteps that have run since the beginning, or the last reset().
  int timesteps() const { return done_; }

  /// Runs the next timesteps of all images. `input`: the constant current (N, C, H, W), which may be another one for
  /// every block, or the spike train of these timesteps, (N, timesteps, C, H, W). The result is that of these
  /// timesteps; its accumulators count from the beginning. Throws UserError as Executable::run does.
  RunResult advance(const program::EncodedInput& input, int timesteps);
  /// This image need not run any more: its accumulators stay as they are, and the cpu target does no more work for it.
  void stop(std::int64_t image);
  /// Back to before the first timestep, all images running.
  void reset();

 protected:
  Stream(const program::Program& program, std::int64_t images, const Wanted& wanted);

  /// Fills `result`; the state of images that have stopped does not matter any more.
  virtual void run_block(const program::EncodedInput& input, RunResult& result) = 0;
  virtual void forget() = 0;
  bool has_stopped(std::int64_t image) const { return stopped_[static_cast<std::size_t>(image)] != 0; }
  const program::Program& program() const { return program_; }
  const Wanted& wanted() const { return wanted_; }

 private:
  void require_runnable(int timesteps);
  void keep_accumulators(RunResult& result);

  const program::Program& program_;
  std::int64_t images_;
  Wanted wanted_;
  int done_ = 0, proven_ = 0;
  std::vector<std::uint8_t> stopped_;
  Tensor<std::int32_t> accumulators_;  // (N, classes), after the last timestep
};

}  // namespace neurocuda::runtime
