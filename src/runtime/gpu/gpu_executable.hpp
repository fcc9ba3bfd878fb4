#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "runtime/gpu/workspace.hpp"
#include "runtime/timestep_proof.hpp"

namespace neurocuda::runtime::gpu {

/// A Program on one device. Calls of run() take turns.
class GpuExecutable : public Executable {
 public:
  GpuExecutable(const program::Program& program, std::unique_ptr<Device> device,
                KernelChoice choice = KernelChoice::fastest);
  ~GpuExecutable() override;

  std::string_view target() const override { return "gpu"; }
  std::string isa() const override { return device_->name(); }
  const program::Program& program() const override { return program_; }
  /// Throws UserError also when not even one image fits the device's memory.
  RunResult run(const program::EncodedInput& input, const RunOptions& options = {}) const override;

  const NetworkPlan& plan() const { return plan_; }

 protected:
  std::unique_ptr<Stream> make_stream(std::int64_t images, const RunOptions& options) const override;

 private:
  struct Call;
  RunShape shape_of(const RunOptions& options, int timesteps, std::int64_t images) const;
  void make_workspaces(const RunShape& shape, bool several) const;
  void run_passes(Call& call) const;
  void enqueue_pass(Call& call, std::int64_t pass) const;

  std::unique_ptr<Device> device_;
  program::Program program_;
  NetworkPlan plan_;
  Memory constants_;
  TimestepProof proof_;

  mutable std::mutex turn_;
  // Kept from one call to the next; guarded by turn_.
  mutable std::vector<std::unique_ptr<Workspace>> workspaces_;
  mutable RunShape shape_;
  mutable Memory pinned_input_, pinned_accumulators_;
};

}  // namespace neurocuda::runtime::gpu
