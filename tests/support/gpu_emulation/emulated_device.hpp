#pragma once

#include <array>
#include <map>
#include <set>

#include "runtime/gpu/device.hpp"

namespace neurocuda::testing {

/// A device in host memory that runs the kernels' own code: the simple ones element by element, the fused one with
/// emulated threads and tensor cores. Slow; for small shapes.
class EmulatedDevice : public runtime::gpu::Device {
 public:
  struct Options {
    int shared_bytes = 227 * 1024;
    int multiprocessors = 2;
    std::size_t memory_bytes = std::size_t{1} << 30;
  };
  /// What was asked of it, for tests.
  struct Log {
    int fused = 0, simple_layers = 0, synchronizations = 0, uploads = 0, records = 0, replays = 0;
    std::set<std::array<int, 3>>
        time_batched;              ///< columns, warps, parts of the blocks of that kernel, which is fused too
    int longest_time_batched = 0;  ///< tiles of timesteps
  };

  EmulatedDevice(const Options& options, Log* log) : options_(options), log_(log) {}
  ~EmulatedDevice() override;

  std::string name() const override { return "emulated device"; }
  runtime::gpu::DeviceLimits limits() const override { return {options_.shared_bytes, options_.multiprocessors}; }
  std::size_t free_bytes() override { return options_.memory_bytes - used_; }
  void use() override {}

  void* allocate(std::size_t bytes) override;
  void release(void* memory) noexcept override;
  void* allocate_pinned(std::size_t bytes) override;
  void release_pinned(void* memory) noexcept override;

  void upload(int stream, void* to, const void* from, std::size_t bytes) override;
  void download(int stream, void* to, const void* from, std::size_t bytes) override;
  void clear(int stream, void* memory, std::size_t bytes) override;
  void launch(int stream, const runtime::gpu::Kernel& kernel) override;
  std::unique_ptr<Sequence> record(int stream, const std::vector<runtime::gpu::Kernel>& kernels) override;
  void replay(int stream, const Sequence& sequence) override;
  void synchronize() override { ++log_->synchronizations; }
  void drain() noexcept override {}

 private:
  void run(const runtime::gpu::TensorCoreLayer& layer);
  void run(const runtime::gpu::TimeBatchedLayer& layer);
  void check(const runtime::gpu::TensorCoreLayer& layer) const;
  template <class Kernel>
  void run(const Kernel& kernel);

  Options options_;
  Log* log_;
  std::size_t used_ = 0;
  std::map<void*, std::size_t> allocations_;
};

}  // namespace neurocuda::testing
