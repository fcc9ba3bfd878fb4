#pragma once

#include <memory>
#include <mutex>

#include "neurocuda/runtime/stream.hpp"
#include "runtime/gpu/workspace.hpp"

namespace neurocuda::runtime::gpu {

/// What a stream needs of its GpuExecutable.
struct StreamHost {
  Device& device;
  std::mutex& turn;
  const program::Program& program;
  const NetworkPlan& plan;
  const char* constants;
};

/// All images in one pass; their state stays on the device. Images that have stopped run on with the others.
class GpuStream : public Stream {
 public:
  /// Throws UserError when the state does not fit the device's memory.
  GpuStream(const StreamHost& host, std::int64_t images, const Wanted& wanted);
  ~GpuStream() override;

 protected:
  void run_block(const program::EncodedInput& input, RunResult& result) override;
  void forget() override {}  // the kernels start anew at timestep 0

 private:
  Workspace& workspace_for(int timesteps);

  StreamHost host_;
  CarriedPlan carried_;
  Memory state_, pinned_input_, pinned_accumulators_;
  std::unique_ptr<Workspace> workspace_;
  RunShape shape_;
};

}  // namespace neurocuda::runtime::gpu
